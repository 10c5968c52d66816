// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/handshake_finding.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/doctor/service_address.h"
#include "server/crypto/certificate.h"

namespace uid2::doctor {
namespace {

constexpr char kCheck[] = "connection";

Finding Make(Severity severity, absl::string_view text, absl::string_view fix) {
  return {severity, kCheck, std::string(text), std::string(fix), ""};
}

Finding Error(absl::string_view text, absl::string_view fix) {
  return Make(Severity::kError, text, fix);
}

Finding NeedsTls(const Handshake& handshake) {
  return Error("the server requires TLS, and the call was made without",
               handshake.asked_for_certificate
                   ? "set --ca to the authority that signs the server's certificate, and --cert "
                     "and --key to this client's certificate"
                   : "set --ca to the authority that signs the server's certificate, or --tls if "
                     "the system trusts it");
}

Finding ServerFinding(const Handshake& handshake, const client::ChannelOptions& options,
                      absl::Time now) {
  const CertificateSummary& server = *handshake.server;
  switch (handshake.verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Error(absl::StrCat("a certificate in the server's chain has expired; its own expires "
                                "on ",
                                DateText(server.ends)),
                   absl::StrCat("if this machine's clock (", DateText(now),
                                ") is correct, renew the server's certificate"));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Error(absl::StrCat("a certificate in the server's chain is not valid yet; its own is "
                                "valid from ",
                                DateText(server.begins)),
                   absl::StrCat("set this machine's clock, which says ", DateText(now)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: {
      const absl::StatusOr<OperatorAddress> address = FirstAddress(options.address);
      const std::string host =
          !options.server_name.empty() || !address.ok() ? options.server_name : address->host;
      return Error(
          absl::StrCat("the server's certificate is for ", HostsText(server), " and not for ",
                       host),
          "call the server by that name, or set --server_name to it if the address must differ");
    }
    default:
      return Error(absl::StrCat("the server's certificate is not trusted: ",
                                X509_verify_cert_error_string(handshake.verify_result),
                                "; it was issued by ", server.issuer),
                   options.ca_file.empty()
                       ? "set --ca to the authority that signs it, unless it is the wrong server"
                       : absl::StrCat("put the authority that signs it into ", options.ca_file,
                                      ", unless it is the wrong server"));
  }
}

Finding RefusedFinding(const Handshake& handshake, const client::ChannelOptions& options,
                       absl::Time now) {
  const std::string& file = options.certificate_file;
  const auto own = ReadCertificates(file);
  if (!own.ok()) return Error(own.status().message(), "set --cert to a PEM file");
  const CertificateSummary& leaf = own->front();
  if (handshake.reason == SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED || leaf.ends <= now) {
    return Error(
        absl::StrCat("the client certificate in ", file, " expired on ", DateText(leaf.ends)),
        "renew it");
  }
  if (leaf.begins > now) {
    return Error(absl::StrCat("the client certificate in ", file, " is not valid before ",
                              DateText(leaf.begins)),
                 absl::StrCat("wait, or set this machine's clock, which says ", DateText(now)));
  }
  if (!handshake.own_is_for_clients) {
    return Error(absl::StrCat("the server refused the client certificate in ", file,
                              ", whose key usage does not permit clients"),
                 "have one issued with extendedKeyUsage=clientAuth and keyUsage=digitalSignature");
  }
  const std::string trusted =
      handshake.authorities.empty()
          ? ""
          : absl::StrCat(", and it trusts ", absl::StrJoin(handshake.authorities, ", "));
  return Error(
      absl::StrCat("the server refused the client certificate in ", file, " (", handshake.error,
                   "), which was issued by ", own->back().issuer, trusted),
      "use a certificate of an authority in the server's client_ca_file, with its "
      "intermediates, or add its authority there");
}

}  // namespace

Finding CheckHandshake(const absl::StatusOr<Handshake>& handshake,
                       const client::ChannelOptions& options, absl::Time now) {
  if (handshake.status().code() == absl::StatusCode::kInvalidArgument) {
    return Error(handshake.status().message(), "check --ca, --cert and --key");
  }
  if (!handshake.ok()) return Make(Severity::kSkipped, handshake.status().message(), "");
  if (!options.UsesTls()) {
    return handshake->server.has_value()
               ? NeedsTls(*handshake)
               : Make(Severity::kSkipped, "the server does not speak TLS", "");
  }
  if (!handshake->server.has_value()) {
    return handshake->reason == SSL_R_WRONG_VERSION_NUMBER
               ? Error("the server does not speak TLS", "leave out --tls, --ca, --cert and --key")
               : Error(absl::StrCat("the TLS handshake failed: ", handshake->error),
                       "is it the right server, or does a proxy or firewall break TLS?");
  }
  if (handshake->verify_result != X509_V_OK) return ServerFinding(*handshake, options, now);
  if (handshake->accepted) {
    return Make(Severity::kOk,
                absl::StrCat("TLS works; the server's certificate is valid until ",
                             DateText(handshake->server->ends)),
                "");
  }
  if (!handshake->asked_for_certificate) {
    return Error(absl::StrCat("the TLS handshake failed: ", handshake->error),
                 "is it the right server, or does a proxy or firewall break TLS?");
  }
  if (options.certificate_file.empty()) {
    return Error("the server requires a client certificate, and none was given",
                 "set --cert and --key");
  }
  return RefusedFinding(*handshake, options, now);
}

}  // namespace uid2::doctor
