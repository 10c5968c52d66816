// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/server_certificate.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// What OpenSSL's security level 2, Debian's default, requires: RSA keys of 2,048 bits, elliptic
// curves of 224, and signatures with SHA-224 or better.
constexpr int kMinSecurityBits = 112;

absl::Status Wrong(absl::string_view what) { return absl::InvalidArgumentError(what); }

bool IsKeyForTls(const EVP_PKEY& key) {
  switch (EVP_PKEY_get_base_id(&key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
    case EVP_PKEY_EC:
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return true;
    default:
      return false;
  }
}

absl::Status CheckSignature(X509& certificate) {
  int digest = NID_undef;
  int bits = 0;
  if (X509_get_signature_info(&certificate, &digest, nullptr, &bits, nullptr) != 1) {
    return Wrong("is signed in a way that OpenSSL does not know; use SHA-256");
  }
  if (bits >= kMinSecurityBits) return absl::OkStatus();
  return Wrong(absl::StrCat("is signed with ",
                            digest == NID_undef ? "a weak digest" : OBJ_nid2sn(digest),
                            ", which OpenSSL refuses in handshakes; have it signed with SHA-256"));
}

bool IsIssuedBy(X509& certificate, X509& issuer) {
  return X509_check_issued(&issuer, &certificate) == X509_V_OK &&
         X509_verify(&certificate, X509_get0_pubkey(&issuer)) == 1;
}

absl::Status CheckIsForServers(X509& certificate) {
  if ((X509_get_extended_key_usage(&certificate) & (XKU_SSL_SERVER | XKU_ANYEKU)) == 0) {
    return Wrong(
        "may not be used by servers: its extended key usage lacks serverAuth; have one issued with "
        "extendedKeyUsage=serverAuth");
  }
  if (X509_check_purpose(&certificate, X509_PURPOSE_SSL_SERVER, 0) != 1) {
    return Wrong(
        "may not be used by servers: its key usage does not permit it; have one issued with "
        "keyUsage=digitalSignature");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDates(const CertificateSummary& certificate, absl::Time now) {
  if (now < certificate.begins) {
    return Wrong(absl::StrCat("is not valid before ", DateText(certificate.begins),
                              "; check this host's clock, or wait"));
  }
  if (now > certificate.ends) {
    return Wrong(absl::StrCat("expired on ", DateText(certificate.ends), "; renew it"));
  }
  return absl::OkStatus();
}

absl::Status CheckKeyStrength(const X509& certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(&certificate);
  if (key == nullptr || !IsKeyForTls(*key)) {
    return Wrong("has a key of a kind that TLS cannot use; use ECDSA P-256 or RSA");
  }
  if (EVP_PKEY_get_security_bits(key) >= kMinSecurityBits) return absl::OkStatus();
  return Wrong(absl::StrCat("has a key of only ", EVP_PKEY_get_bits(key),
                            " bits, which OpenSSL refuses in handshakes; use ECDSA P-256, or RSA "
                            "with at least 2048 bits"));
}

ServerCertificate::ServerCertificate(std::vector<CertificatePtr> certificates)
    : certificates_(std::move(certificates)) {
  for (const CertificatePtr& certificate : certificates_) {
    summaries_.push_back(Summarize(*certificate));
  }
}

absl::StatusOr<ServerCertificate> ServerCertificate::Parse(absl::string_view pem, absl::Time now) {
  absl::StatusOr<std::vector<CertificatePtr>> certificates = ReadPemCertificates(pem);
  if (!certificates.ok()) return certificates.status();
  ServerCertificate certificate(*std::move(certificates));
  const absl::Status status = certificate.Check(now);
  ERR_clear_error();
  if (!status.ok()) return status;
  return certificate;
}

absl::Status ServerCertificate::Check(absl::Time now) const {
  for (size_t i = 0; i < certificates_.size(); ++i) {
    X509& certificate = *certificates_[i];
    if (i > 0 && !IsIssuedBy(*certificates_[i - 1], certificate)) {
      return Wrong(absl::StrCat(Name(i), " did not issue ", Name(i - 1),
                                "; put the server's certificate first, then the one that issued "
                                "it, and so on"));
    }
    for (const absl::Status& status :
         {CheckDates(summaries_[i], now), CheckKeyStrength(certificate),
          i == 0 ? CheckIsForServers(certificate) : absl::OkStatus(),
          // Nobody checks the signature of a root.
          IsIssuedBy(certificate, certificate) ? absl::OkStatus() : CheckSignature(certificate)}) {
      if (!status.ok()) return Wrong(absl::StrCat(Name(i), " ", status.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status ServerCertificate::CheckKey(const PrivateKeyPtr& key) const {
  size_t owner = 0;
  while (owner < certificates_.size() &&
         X509_check_private_key(certificates_[owner].get(), key.get()) != 1) {
    ++owner;
  }
  ERR_clear_error();
  if (owner == 0) return absl::OkStatus();
  if (owner == certificates_.size()) {
    return Wrong(absl::StrCat("the private key does not belong to ", Name(0),
                              "; replace both files together"));
  }
  return Wrong(absl::StrCat("the private key belongs to ", Name(owner), ", not to ", Name(0),
                            "; put the server's certificate first"));
}

std::string ServerCertificate::Name(size_t index) const {
  return absl::StrCat("certificate ", index + 1, " (", summaries_[index].subject, ")");
}

}  // namespace uid2
