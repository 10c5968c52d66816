// SPDX-License-Identifier: Apache-2.0

#include "server/crypto/aes_gcm.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <climits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// The number of contexts kept for reuse, one for each thread that uses the key at the same time.
constexpr size_t kMaxIdleContexts = 16;

// Fetched once, because fetching searches the providers under a lock. Never freed.
const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

// Clears the thread's OpenSSL error queue, so that later code does not find this error in it.
absl::Status OpenSslError(absl::string_view what) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  return absl::InternalError(absl::StrCat(what, ": OpenSSL error ", code));
}

const unsigned char* Bytes(absl::string_view view) {
  return reinterpret_cast<const unsigned char*>(view.data());
}

unsigned char* Bytes(std::string& text, size_t offset) {
  return reinterpret_cast<unsigned char*>(text.data()) + offset;
}

}  // namespace

void AesGcm::ContextDeleter::operator()(EVP_CIPHER_CTX* context) const {
  EVP_CIPHER_CTX_free(context);
}

AesGcm::AesGcm(Context context) : keyed_(std::move(context)) {}

AesGcm::~AesGcm() = default;

absl::StatusOr<std::unique_ptr<AesGcm>> AesGcm::New(absl::string_view key) {
  if (key.size() != kKeySize) {
    return absl::InvalidArgumentError(
        absl::StrCat("an AES-256 key has ", kKeySize, " bytes, this one has ", key.size()));
  }
  if (Aes256Gcm() == nullptr) return OpenSslError("AES-256-GCM is not available");
  Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr ||
      EVP_EncryptInit_ex2(context.get(), Aes256Gcm(), Bytes(key), nullptr, nullptr) != 1) {
    return OpenSslError("cannot set up AES-256-GCM");
  }
  return std::unique_ptr<AesGcm>(new AesGcm(std::move(context)));
}

absl::StatusOr<AesGcm::Context> AesGcm::Borrow() const {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      Context context = std::move(idle_.back());
      idle_.pop_back();
      return context;
    }
  }
  Context context(EVP_CIPHER_CTX_new());
  if (context == nullptr || EVP_CIPHER_CTX_copy(context.get(), keyed_.get()) != 1) {
    return OpenSslError("cannot copy an AES-256-GCM context");
  }
  return context;
}

void AesGcm::Return(Context context) const {
  absl::MutexLock lock(&mutex_);
  if (idle_.size() < kMaxIdleContexts) idle_.push_back(std::move(context));
}

absl::Status AesGcm::SealWithUniqueIv(absl::string_view iv, absl::string_view plaintext,
                                      std::string& out) const {
  if (iv.size() != kIvSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("a GCM IV has ", kIvSize, " bytes, this one has ", iv.size()));
  }
  if (plaintext.size() > INT_MAX) return absl::InvalidArgumentError("plaintext over 2 GiB");
  absl::StatusOr<Context> context = Borrow();
  if (!context.ok()) return context.status();

  const size_t start = out.size();
  out.append(iv.data(), iv.size());
  out.resize(start + plaintext.size() + kOverhead);
  const size_t ciphertext = start + kIvSize;
  int length = 0;
  int rest = 0;
  if (EVP_EncryptInit_ex2(context->get(), nullptr, nullptr, Bytes(iv), nullptr) != 1 ||
      EVP_EncryptUpdate(context->get(), Bytes(out, ciphertext), &length, Bytes(plaintext),
                        static_cast<int>(plaintext.size())) != 1 ||
      EVP_EncryptFinal_ex(context->get(), Bytes(out, ciphertext + static_cast<size_t>(length)),
                          &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_AEAD_GET_TAG, kTagSize,
                          Bytes(out, ciphertext + plaintext.size())) != 1) {
    out.resize(start);
    return OpenSslError("cannot seal");
  }
  Return(*std::move(context));
  return absl::OkStatus();
}

absl::StatusOr<std::string> AesGcm::Open(std::string sealed) const {
  if (sealed.size() < kOverhead || sealed.size() > INT_MAX) {
    return absl::DataLossError(absl::StrCat("a sealed message has at least ", kOverhead,
                                            " bytes, this one has ", sealed.size()));
  }
  absl::StatusOr<Context> context = Borrow();
  if (!context.ok()) return context.status();

  // Each byte of the plaintext takes the place of its ciphertext.
  const size_t size = sealed.size() - kOverhead;
  unsigned char* const text = Bytes(sealed, kIvSize);
  unsigned char* const tag = Bytes(sealed, kIvSize + size);
  int length = 0;
  int rest = 0;
  if (EVP_DecryptInit_ex2(context->get(), nullptr, nullptr, Bytes(sealed, 0), nullptr) != 1 ||
      EVP_DecryptUpdate(context->get(), text, &length, text, static_cast<int>(size)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag) != 1) {
    OPENSSL_cleanse(sealed.data(), sealed.size());
    return OpenSslError("cannot open");
  }
  if (EVP_DecryptFinal_ex(context->get(), text + length, &rest) != 1) {
    OPENSSL_cleanse(sealed.data(), sealed.size());
    ERR_clear_error();
    return absl::DataLossError("encrypted with another key, or changed in transit");
  }
  Return(*std::move(context));
  sealed.resize(kIvSize + size);
  sealed.erase(0, kIvSize);
  return sealed;
}

}  // namespace uid2
