// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/pem.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace uid2 {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

// One block of a PEM text. May contain a private key, so it is wiped.
struct Block {
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
  }

  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;  // NOLINT(runtime/int): OpenSSL's type
};

BioPtr ReaderOf(absl::string_view text) {
  // A view of nothing may have no data, which OpenSSL refuses.
  return BioPtr(BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
}

absl::Status NoMemory() { return absl::InternalError("OpenSSL has no memory"); }

absl::StatusOr<CertificatePtr> ToCertificate(const Block& block) {
  const absl::string_view name = block.name;
  if (name != PEM_STRING_X509 && name != PEM_STRING_X509_OLD) {
    return absl::InvalidArgumentError(
        absl::StrCat("it contains ", absl::EndsWith(name, "PRIVATE KEY") ? "a private key" : "PEM",
                     " that is not a certificate; only certificates belong there"));
  }
  const unsigned char* position = block.data;
  CertificatePtr certificate(d2i_X509(nullptr, &position, block.size));
  if (certificate == nullptr || position != block.data + block.size) {
    return absl::InvalidArgumentError("it contains a damaged certificate");
  }
  return certificate;
}

// The lines that begin or end a PEM block. A file that has been cut within such a line has an odd
// number of them or one too many, which OpenSSL does not notice.
size_t Boundaries(absl::string_view text) {
  size_t count = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "-----")) ++count;
  }
  return count;
}

absl::StatusOr<std::vector<CertificatePtr>> ReadBlocks(absl::string_view text) {
  const BioPtr bio = ReaderOf(text);
  if (bio == nullptr) return NoMemory();
  std::vector<CertificatePtr> certificates;
  while (true) {
    Block block;
    if (PEM_read_bio(bio.get(), &block.name, &block.header, &block.data, &block.size) != 1) break;
    absl::StatusOr<CertificatePtr> certificate = ToCertificate(block);
    if (!certificate.ok()) return certificate.status();
    certificates.push_back(*std::move(certificate));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end || Boundaries(text) != 2 * certificates.size()) {
    return absl::InvalidArgumentError("it is damaged, or has not been written completely");
  }
  if (certificates.empty()) {
    return absl::InvalidArgumentError("it contains no certificate in PEM");
  }
  return certificates;
}

int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

absl::StatusOr<std::string> ContentOf(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);  // NOLINT(runtime/int): OpenSSL's type
  if (size <= 0) return NoMemory();
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<std::vector<CertificatePtr>> ReadPemCertificates(absl::string_view text) {
  ERR_clear_error();
  absl::StatusOr<std::vector<CertificatePtr>> certificates = ReadBlocks(text);
  ERR_clear_error();
  return certificates;
}

absl::StatusOr<PrivateKeyPtr> ReadPemPrivateKey(absl::string_view text) {
  const BioPtr bio = ReaderOf(text);
  if (bio == nullptr) return NoMemory();
  bool encrypted = false;
  PrivateKeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, &encrypted));
  ERR_clear_error();
  if (key != nullptr) return key;
  return absl::InvalidArgumentError(
      encrypted ? "the private key is encrypted, and the server has no passphrase; decrypt it with "
                  "`openssl pkey -in FILE -out NEW_FILE`, and protect it by its file mode"
                : "it contains no private key in PEM, or a damaged one");
}

absl::StatusOr<std::string> WritePem(const std::vector<CertificatePtr>& certificates) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr) return NoMemory();
  for (const CertificatePtr& certificate : certificates) {
    if (PEM_write_bio_X509(bio.get(), certificate.get()) != 1) return NoMemory();
  }
  return ContentOf(*bio);
}

absl::StatusOr<std::string> WritePem(const PrivateKeyPtr& key) {
  // Its memory is wiped when it is freed.
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr ||
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return NoMemory();
  }
  return ContentOf(*bio);
}

}  // namespace uid2
