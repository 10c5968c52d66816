// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_SERVER_STREAM_H_
#define TESTS_BENCH_SERVER_STREAM_H_

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace uid2::bench {

// The server's side of a connection over a non-blocking socket, which it owns: in the clear, or
// with TLS. Not thread-safe.
class ServerStream {
 public:
  // In the clear.
  explicit ServerStream(int socket) : socket_(socket) {}
  // With TLS. The handshake takes place within Receive().
  ServerStream(int socket, SSL_CTX& tls);
  ~ServerStream();

  ServerStream(const ServerStream&) = delete;
  ServerStream& operator=(const ServerStream&) = delete;

  int socket() const { return socket_; }

  // Like recv() and send(): -1 with EAGAIN if the socket has to become readable or writable first.
  // With TLS, Receive() returns one record; if `size` is at least 16,384, nothing remains that
  // epoll does not see.
  ssize_t Receive(char* buffer, size_t size);
  ssize_t Send(absl::string_view bytes);

 private:
  ssize_t Result(int result);

  struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  const int socket_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
};

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// A context with server.pem and server.key of a folder that tools/certificates made; null if
// `folder` is empty.
SslContext ServerContext(const std::string& folder);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_SERVER_STREAM_H_
