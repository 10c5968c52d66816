// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_TLS_TRUST_STORE_H_
#define SERVER_HTTP_TLS_TRUST_STORE_H_

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace uid2 {

// The certificate authorities that may sign a peer's certificate, parsed once: by itself libcurl
// parses the whole bundle for every connection, or keeps the result for a day. Immutable, so
// thread-safe.
class TrustStore {
 public:
  // From the distribution's package ca-certificates.
  static constexpr char kSystemFile[] = "/etc/ssl/certs/ca-certificates.crt";

  // Reads a PEM file; empty: the system's. kInvalidArgument if it cannot be read or holds no
  // certificate.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Load(const std::string& file);

  // Above 0, and different from every other store's of the process.
  uint64_t id() const { return id_; }

  // Has connections of `context` verify their peers against this store. The context keeps the
  // store alive.
  void UseIn(SSL_CTX* context) const { SSL_CTX_set1_cert_store(context, store_.get()); }

 private:
  struct Free {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  };
  using Store = std::unique_ptr<X509_STORE, Free>;

  explicit TrustStore(Store store);

  const Store store_;
  const uint64_t id_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_TLS_TRUST_STORE_H_
