// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/caller_checks.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/doctor/file_checks.h"
#include "server/crypto/certificate.h"
#include "server/crypto/pem.h"
#include "server/event/regular_file.h"
#include "server/http/tls/trust_store.h"
#include "server/rpc/caller_list.h"
#include "server/secrets/certificate_set.h"

namespace uid2::doctor {
namespace {

constexpr char kServerTls[] = "server_tls";
constexpr char kCaller[] = "caller";
constexpr size_t kMaxFileSize = size_t{64} << 10;
// More authorities are only counted.
constexpr size_t kMaxNamed = 3;

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  // The certificates belong to others.
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

Finding Make(Severity severity, const char* check, absl::string_view text, absl::string_view fix) {
  return {severity, check, std::string(text), std::string(fix), ""};
}

std::string NamesOf(const CertificateSummary& certificate) {
  std::vector<std::string> names = certificate.uris;
  names.insert(names.end(), certificate.dns_names.begin(), certificate.dns_names.end());
  names.insert(names.end(), certificate.ip_addresses.begin(), certificate.ip_addresses.end());
  return names.empty() ? "no name" : absl::StrJoin(names, ", ");
}

std::string AuthoritiesOf(const std::vector<CertificateSummary>& authorities) {
  if (authorities.size() > kMaxNamed) {
    return absl::StrCat("one of ", authorities.size(), " authorities");
  }
  return absl::StrJoin(authorities, " or ", [](std::string* out, const CertificateSummary& each) {
    absl::StrAppend(out, each.subject);
  });
}

// Verifies as OpenSSL does in the server's handshakes. Returns X509_V_OK or another X509_V_...
// code.
absl::StatusOr<int> Verify(const std::vector<CertificatePtr>& chain, const std::string& ca_file,
                           absl::Time now) {
  const auto authorities = TrustStore::Load(ca_file);
  if (!authorities.ok()) return authorities.status();
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
  const std::unique_ptr<X509_STORE_CTX, Free> verification(X509_STORE_CTX_new());
  const std::unique_ptr<STACK_OF(X509), Free> others(sk_X509_new_null());
  if (context == nullptr || verification == nullptr || others == nullptr) {
    return absl::ResourceExhaustedError("no memory for TLS");
  }
  (*authorities)->UseIn(context.get());
  for (const CertificatePtr& certificate : chain) {
    if (sk_X509_push(others.get(), certificate.get()) == 0) {
      return absl::ResourceExhaustedError("no memory for TLS");
    }
  }
  if (X509_STORE_CTX_init(verification.get(), SSL_CTX_get_cert_store(context.get()),
                          chain.front().get(), others.get()) != 1 ||
      X509_STORE_CTX_set_default(verification.get(), "ssl_client") != 1) {
    ERR_clear_error();
    return absl::InternalError("cannot set up the verification");
  }
  // Handshakes also refuse weak keys and digests.
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(verification.get()),
                                   SSL_CTX_get_security_level(context.get()));
  X509_STORE_CTX_set_time(verification.get(), 0, absl::ToTimeT(now));
  (void)X509_verify_cert(verification.get());
  ERR_clear_error();
  return X509_STORE_CTX_get_error(verification.get());
}

Finding RefusedFinding(const std::string& file, int code, const CertificateSummary& leaf,
                       const CertificateSummary& last, const std::string& ca_file) {
  if (code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID) {
    return Make(
        Severity::kError, kCaller,
        absl::StrCat(file, " is valid from ", DateText(leaf.begins), " until ", DateText(leaf.ends),
                     ", and so the server refuses it: ", X509_verify_cert_error_string(code)),
        "renew it, or set this machine's clock");
  }
  const std::string refused =
      absl::StrCat("the server refuses ", file, ": ", X509_verify_cert_error_string(code));
  if (code == X509_V_ERR_INVALID_PURPOSE) {
    return Make(Severity::kError, kCaller, refused,
                "have one issued with extendedKeyUsage=clientAuth and keyUsage=digitalSignature");
  }
  if (code == X509_V_ERR_EE_KEY_TOO_SMALL) {
    return Make(Severity::kError, kCaller, refused,
                "have one issued for an ECDSA P-256 key, or an RSA key with at least 2048 bits");
  }
  return Make(
      Severity::kError, kCaller,
      absl::StrCat(refused, "; its last certificate was issued by ", last.issuer),
      absl::StrCat("add the intermediate certificates to the file, or the authority to ", ca_file));
}

std::string ParticipantsOf(const CallerEntry& entry) {
  return entry.participants.all()
             ? "all participants"
             : absl::StrCat("the participants ", absl::StrJoin(entry.participants.names(), ", "));
}

}  // namespace

Finding CheckServerTls(const absl::optional<TlsConfiguration>& tls, absl::Time now) {
  if (!tls.has_value()) {
    return Make(Severity::kSkipped, kServerTls, "the server does not serve TLS", "");
  }
  const LoadedCertificateSet loaded = LoadCertificateSet(tls->files, now);
  // They may have changed since the configuration was checked.
  if (!loaded.set.has_value()) {
    return Make(Severity::kError, kServerTls, loaded.problems.front().text, "");
  }
  if (EverybodyCanRead(tls->files.private_key)) {
    return Make(Severity::kWarning, kServerTls,
                absl::StrCat("every user of this machine can read ", tls->files.private_key),
                absl::StrCat("chmod o-rwx ", tls->files.private_key,
                             "; in Kubernetes, set defaultMode: 0440 and fsGroup"));
  }
  for (const CertificateSummary& certificate : loaded.set->chain) {
    if (IsNearItsEnd(certificate, now)) {
      return Make(Severity::kWarning, kServerTls,
                  absl::StrCat(certificate.subject, " in ", tls->files.certificate, " expires on ",
                               DateText(certificate.ends)),
                  "renew it; the server follows the file");
    }
  }
  const std::string clients = tls->authenticates_clients()
                                  ? absl::StrCat("clients need a certificate of ",
                                                 AuthoritiesOf(loaded.set->client_authorities))
                                  : "clients are not authenticated";
  return Make(Severity::kOk, kServerTls,
              absl::StrCat("the certificate for ", NamesOf(loaded.set->chain.front()),
                           " is valid until ", DateText(loaded.set->ChainEnds()), "; ", clients),
              "");
}

Finding CheckCallerCertificate(const std::string& certificate,
                               const absl::optional<TlsConfiguration>& tls,
                               const std::vector<CallerEntry>& callers, absl::Time now) {
  if (!tls.has_value() || !tls->authenticates_clients()) {
    return Make(Severity::kSkipped, kCaller, "the server does not authenticate its callers", "");
  }
  const absl::StatusOr<std::string> text = ReadRegularFile(certificate, kMaxFileSize);
  const auto chain = text.ok() ? ReadPemCertificates(*text) : text.status();
  if (!chain.ok()) {
    return Make(Severity::kError, kCaller,
                absl::StrCat("cannot use ", certificate, ": ", chain.status().message()),
                "set --cert to the PEM file with the caller's certificate");
  }
  const CertificateSummary leaf = Summarize(*chain->front());
  const absl::StatusOr<int> code = Verify(*chain, tls->files.client_ca, now);
  if (!code.ok()) return Make(Severity::kError, kCaller, code.status().message(), "");
  if (*code != X509_V_OK) {
    return RefusedFinding(certificate, *code, leaf, Summarize(*chain->back()),
                          tls->files.client_ca);
  }
  const CallerList list(callers, 1);
  const Caller caller = list.Identify(leaf);
  if (caller.entry == nullptr) {
    return Make(Severity::kError, kCaller,
                absl::StrCat("no entry of callers has a name of ", certificate, ", which is for ",
                             NamesOf(leaf)),
                "add one of these names, a URI or a DNS name, to the configuration: callers { san: "
                "... }; then restart the server");
  }
  return Make(Severity::kOk, kCaller,
              absl::StrCat(certificate, " is the caller ", caller.entry->san, ", who may use ",
                           ParticipantsOf(*caller.entry)),
              "");
}

}  // namespace uid2::doctor
