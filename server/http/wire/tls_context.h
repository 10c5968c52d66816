// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_TLS_CONTEXT_H_
#define SERVER_HTTP_WIRE_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/tls_sessions.h"

namespace uid2 {

// What all TLS connections that are verified against one trust store share: the settings, among
// them all that concern security, and the sessions that can be resumed. TLS 1.2 or newer, always
// with verification of the peer's certificate and of its name; no client certificate; HTTP/1.1 by
// ALPN. Thread-safe.
//
// If the trust store is replaced, make a new context: connections of the old one stay usable, and
// no new one resumes their sessions.
class TlsContext {
 public:
  // Takes about 0.1 ms. Fails with kInternal if OpenSSL does.
  static absl::StatusOr<std::shared_ptr<TlsContext>> New(
      std::shared_ptr<const TrustStore> trust_store);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const TrustStore& trust_store() const { return *trust_store_; }

 private:
  friend class TlsStream;

  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using Context = std::unique_ptr<SSL_CTX, Free>;

  TlsContext(Context context, std::shared_ptr<const TrustStore> trust_store)
      : context_(std::move(context)), trust_store_(std::move(trust_store)) {}

  // A new object for one connection, and what it resumes.
  SSL* NewConnection(absl::string_view origin) const;

  static int OnNewSession(SSL* ssl, SSL_SESSION* session);

  const Context context_;
  const std::shared_ptr<const TrustStore> trust_store_;
  TlsSessions sessions_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_TLS_CONTEXT_H_
