// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_TLS_CONTEXT_H_
#define SERVER_HTTP_WIRE_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/tls_sessions.h"

namespace uid2 {

// What all TLS connections that are verified against one trust store share: all settings, including
// every one that concerns security, and the sessions that can be resumed. TLS 1.2 or newer; the
// peer's certificate is always verified; there is no client certificate, no renegotiation, and no
// key log; ALPN offers HTTP/1.1. Thread-safe.
//
// When the trust store is replaced, make a new context: connections of the old one stay usable, and
// no new one resumes their sessions.
class TlsContext {
 public:
  // Fails with kInternal if OpenSSL does.
  static absl::StatusOr<std::shared_ptr<TlsContext>> New(const TrustStore& trust_store);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* get() const { return context_.get(); }

  // Where a new connection finds a session, and keeps its own. `slot` must outlive `ssl`.
  TlsSessions& sessions() { return sessions_; }
  static void KeepSessionsOf(SSL* ssl, TlsSessions::Slot& slot);

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using Context = std::unique_ptr<SSL_CTX, Free>;

  explicit TlsContext(Context context) : context_(std::move(context)) {}

  static int OnNewSession(SSL* ssl, SSL_SESSION* session);

  const Context context_;
  TlsSessions sessions_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_TLS_CONTEXT_H_
