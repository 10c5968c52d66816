// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CRYPTO_PEM_H_
#define SERVER_CRYPTO_PEM_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2 {

// Objects of OpenSSL, from and to PEM.

struct FreePemObject {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using CertificatePtr = std::unique_ptr<X509, FreePemObject>;
using PrivateKeyPtr = std::unique_ptr<EVP_PKEY, FreePemObject>;

// Reads all certificates of `text`, in their order. Lines outside of the PEM blocks are ignored.
// Fails with kInvalidArgument if there is no certificate or anything else in PEM, and if a block is
// damaged or incomplete, as in a file that is being written.
absl::StatusOr<std::vector<CertificatePtr>> ReadPemCertificates(absl::string_view text);

// Reads the first private key of `text`. Fails with kInvalidArgument if there is none, or if it is
// encrypted: a server that starts by itself has nobody to ask for the passphrase.
absl::StatusOr<PrivateKeyPtr> ReadPemPrivateKey(absl::string_view text);

// Fail with kInternal if OpenSSL does, which can only be for lack of memory.
absl::StatusOr<std::string> WritePem(const std::vector<CertificatePtr>& certificates);
// Wipe the result after use.
absl::StatusOr<std::string> WritePem(const PrivateKeyPtr& key);

}  // namespace uid2

#endif  // SERVER_CRYPTO_PEM_H_
