// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TLS_TRUST_STORE_H_
#define SERVER_HTTP_TLS_TRUST_STORE_H_

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace uid2 {

// The certificate authorities that may sign a peer's certificate, read once, and each parsed when
// it is first needed (those that share a name, at once). Without it, libcurl would parse the whole
// bundle for every connection or keep the result for a day. Immutable, and so thread-safe.
class TrustStore {
 public:
  // Belongs to the distribution's ca-certificates package.
  static constexpr char kSystemFile[] = "/etc/ssl/certs/ca-certificates.crt";

  // Reads a PEM file, or the system's if the name is empty. Fails with kInvalidArgument if the file
  // cannot be read or contains no certificate.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Load(const std::string& file);

  // Trusts no one. For a process that makes no TLS connection.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Empty();

  // Greater than 0, and unique within the process.
  uint64_t id() const { return id_; }

  // The end of the certificate that ends first; infinite if there are none.
  absl::Time first_end() const { return first_end_; }

  // Makes connections of `context` verify their peers against this store. The context keeps the
  // store alive.
  void UseIn(SSL_CTX* context) const { SSL_CTX_set1_cert_store(context, store_.get()); }

 private:
  struct Free {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  };
  using Store = std::unique_ptr<X509_STORE, Free>;

  explicit TrustStore(Store store);
  static absl::StatusOr<std::unique_ptr<TrustStore>> New();

  const Store store_;
  absl::Time first_end_ = absl::InfiniteFuture();
  const uint64_t id_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_TLS_TRUST_STORE_H_
