// SPDX-License-Identifier: Apache-2.0

#include "server/secrets/certificate_set.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/crypto/client_authorities.h"
#include "server/crypto/pem.h"
#include "server/crypto/server_certificate.h"
#include "server/event/regular_file.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

using File = LoadedCertificateSet::File;

// Dozens of certificates. The names of all client authorities are sent in each handshake, in a
// message of at most 64 KiB.
constexpr size_t kMaxFileSize = size_t{64} << 10;

absl::StatusOr<Secret> ReadPemFile(const std::string& path) {
  absl::StatusOr<std::string> text = ReadRegularFile(path, kMaxFileSize);
  if (!text.ok()) return text.status();
  Secret content(*std::move(text));
  const absl::Status status = CheckNoByteOrderMark(content.Reveal(SecretAccess()));
  if (!status.ok()) return status;
  return content;
}

absl::StatusOr<ServerCertificate> ReadCertificate(const std::string& path, absl::Time now) {
  const absl::StatusOr<Secret> text = ReadPemFile(path);
  if (!text.ok()) return text.status();
  return ServerCertificate::Parse(text->Reveal(SecretAccess()), now);
}

absl::StatusOr<PrivateKeyPtr> ReadPrivateKey(const std::string& path) {
  const absl::StatusOr<Secret> text = ReadPemFile(path);
  if (!text.ok()) return text.status();
  return ReadPemPrivateKey(text->Reveal(SecretAccess()));
}

absl::StatusOr<ClientAuthorities> ReadClientAuthorities(const std::string& path, absl::Time now) {
  const absl::StatusOr<Secret> text = ReadPemFile(path);
  if (!text.ok()) return text.status();
  return ClientAuthorities::Parse(text->Reveal(SecretAccess()), now);
}

// Collects the parts of a set, and the problems.
class Loader {
 public:
  // Returns whether `status` is OK.
  bool Check(File file, const std::string& path, const absl::Status& status) {
    if (!status.ok()) {
      loaded_.problems.push_back({file, absl::StrCat(path, ": ", status.message())});
    }
    return status.ok();
  }

  LoadedCertificateSet Load(const CertificateFiles& files, absl::Time now) {
    CertificateSet set;
    const auto certificate = ReadCertificate(files.certificate, now);
    const auto key = ReadPrivateKey(files.private_key);
    // Report both problems, if there are two.
    const bool has_certificate = Check(File::kCertificate, files.certificate, certificate.status());
    const bool has_key = Check(File::kPrivateKey, files.private_key, key.status());
    if (has_certificate && has_key) {
      (void)Check(File::kPrivateKey, files.private_key, UsePair(*certificate, *key, set));
    }
    if (!files.client_ca.empty()) {
      (void)Check(File::kClientCa, files.client_ca, UseClientAuthorities(files, now, set));
    }
    if (loaded_.problems.empty()) loaded_.set = std::move(set);
    return std::move(loaded_);
  }

 private:
  static absl::Status UsePair(const ServerCertificate& certificate, const PrivateKeyPtr& key,
                              CertificateSet& set) {
    const absl::Status matches = certificate.CheckKey(key);
    if (!matches.ok()) return matches;
    absl::StatusOr<std::string> chain_pem = certificate.ToPem();
    absl::StatusOr<std::string> key_pem = WritePem(key);
    if (!chain_pem.ok()) return chain_pem.status();
    if (!key_pem.ok()) return key_pem.status();
    set.certificate = *std::move(chain_pem);
    set.private_key = Secret(*std::move(key_pem));
    set.chain = certificate.chain();
    return absl::OkStatus();
  }

  static absl::Status UseClientAuthorities(const CertificateFiles& files, absl::Time now,
                                           CertificateSet& set) {
    const absl::StatusOr<ClientAuthorities> authorities =
        ReadClientAuthorities(files.client_ca, now);
    if (!authorities.ok()) return authorities.status();
    absl::StatusOr<std::string> pem = authorities->ToPem();
    if (!pem.ok()) return pem.status();
    set.client_ca = *std::move(pem);
    set.client_authorities = authorities->usable();
    for (const std::string& notice : authorities->notices()) {
      set.notices.push_back(absl::StrCat(files.client_ca, ": ", notice));
    }
    return absl::OkStatus();
  }

  LoadedCertificateSet loaded_;
};

}  // namespace

absl::Time CertificateSet::ChainEnds() const {
  absl::Time ends = absl::InfiniteFuture();
  for (const CertificateSummary& link : chain) ends = std::min(ends, link.ends);
  return ends;
}

bool operator==(const CertificateSet& a, const CertificateSet& b) {
  return a.certificate == b.certificate && a.private_key == b.private_key &&
         a.client_ca == b.client_ca;
}

LoadedCertificateSet LoadCertificateSet(const CertificateFiles& files, absl::Time now) {
  return Loader().Load(files, now);
}

}  // namespace uid2
