// SPDX-License-Identifier: Apache-2.0

// Reads the input as each file of a set of certificates: as it is, and as what a PEM block
// contains, because few changes to base64 give DER that a parser looks at.

#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/crypto/base64.h"
#include "server/crypto/certificate.h"
#include "server/crypto/client_authorities.h"
#include "server/crypto/pem.h"
#include "server/crypto/server_certificate.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

// 2030-03-17, when the certificates of the corpus are valid.
constexpr int64_t kNow = 1900000000;

bool IsOneLine(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// `pem` may be a private key, of which no line may be repeated.
void CheckFailure(const absl::Status& status, absl::string_view pem) {
  Require(status.code() == absl::StatusCode::kInvalidArgument, "bad input is told from a failure");
  const std::string message(status.message());
  Require(!message.empty() && IsOneLine(message), "an error is one line of printable text");
  for (const absl::string_view line : absl::StrSplit(pem, '\n')) {
    Require(line.size() < 32 || !absl::StrContains(message, line), "an error repeats no line");
  }
}

void CheckSummary(const CertificateSummary& summary) {
  Require(IsOneLine(summary.subject) && IsOneLine(summary.issuer), "names can be printed");
  for (const std::vector<std::string>* const names :
       {&summary.dns_names, &summary.ip_addresses, &summary.uris}) {
    Require(std::all_of(names->begin(), names->end(), IsOneLine), "other names can, too");
  }
  Require(IsOneLine(HostsText(summary)) && IsOneLine(DateText(summary.ends)), "as can texts");
}

void CheckCertificates(absl::string_view pem) {
  const absl::StatusOr<std::vector<CertificatePtr>> certificates = ReadPemCertificates(pem);
  if (!certificates.ok()) return CheckFailure(certificates.status(), pem);
  Require(!certificates->empty(), "a set without certificates is refused");
  for (const CertificatePtr& certificate : *certificates) CheckSummary(Summarize(*certificate));
  const absl::StatusOr<std::string> written = WritePem(*certificates);
  Require(written.ok(), "certificates that were read can be written");
  const absl::StatusOr<std::vector<CertificatePtr>> again = ReadPemCertificates(*written);
  Require(again.ok() && again->size() == certificates->size(), "and read again");
  for (size_t i = 0; i < again->size(); ++i) {
    Require(X509_cmp((*again)[i].get(), (*certificates)[i].get()) == 0, "and are the same ones");
  }
}

// What the server and its clients' checks accept is what ReadPemCertificates() accepts, or less.
void CheckRoles(absl::string_view pem, absl::Time now) {
  const absl::StatusOr<ServerCertificate> server = ServerCertificate::Parse(pem, now);
  if (server.ok()) {
    Require(!server->chain().empty(), "a server has a certificate");
    const absl::StatusOr<std::string> written = server->ToPem();
    Require(written.ok() && ServerCertificate::Parse(*written, now).ok(),
            "a server certificate that was accepted is accepted as it is published");
  } else {
    CheckFailure(server.status(), pem);
  }
  const absl::StatusOr<ClientAuthorities> clients = ClientAuthorities::Parse(pem, now);
  if (clients.ok()) {
    Require(!clients->usable().empty(), "there is an authority that can verify a client");
    Require(std::all_of(clients->notices().begin(), clients->notices().end(), IsOneLine),
            "a notice is one line of printable text");
    const absl::StatusOr<std::string> written = clients->ToPem();
    Require(written.ok(), "authorities can be written");
    const absl::StatusOr<ClientAuthorities> again = ClientAuthorities::Parse(*written, now);
    Require(again.ok() && again->usable().size() == clients->usable().size(),
            "authorities that were accepted are accepted as they are published");
  } else {
    CheckFailure(clients.status(), pem);
  }
  if (server.ok() || clients.ok()) {
    Require(ReadPemCertificates(pem).ok(), "each role takes certificates only");
  }
}

void CheckKey(absl::string_view pem) {
  const absl::StatusOr<PrivateKeyPtr> key = ReadPemPrivateKey(pem);
  if (!key.ok()) return CheckFailure(key.status(), pem);
  const absl::StatusOr<std::string> written = WritePem(*key);
  Require(written.ok(), "a key that was read can be written");
  const absl::StatusOr<PrivateKeyPtr> again = ReadPemPrivateKey(*written);
  Require(again.ok(), "and read again");
}

void CheckText(absl::string_view pem) {
  CheckCertificates(pem);
  CheckRoles(pem, absl::FromUnixSeconds(kNow));
  CheckKey(pem);
}

std::string Block(absl::string_view name, absl::string_view der) {
  std::string text = absl::StrCat("-----BEGIN ", name, "-----\n");
  const std::string base64 = EncodeBase64(der);
  for (size_t i = 0; i < base64.size(); i += 64) {
    absl::StrAppend(&text, base64.substr(i, 64), "\n");
  }
  return absl::StrCat(text, "-----END ", name, "-----\n");
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  uid2::CheckText(input);
  uid2::CheckText(uid2::Block("CERTIFICATE", input));
  uid2::CheckText(uid2::Block("PRIVATE KEY", input));
  return 0;
}
