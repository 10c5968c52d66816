// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_SERVER_STREAM_H_
#define TESTS_FAKES_SERVER_STREAM_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/event/file_descriptor.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {

// A server's TLS set-up. Aborts where OpenSSL does not take the certificate.
class ServerTls {
 public:
  explicit ServerTls(const TestCertificate& certificate);

  SSL_CTX* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  std::unique_ptr<SSL_CTX, Free> context_;
};

// A server's end of one connection, in clear or over TLS; blocking. For one thread.
class ServerStream {
 public:
  // `tls` may be null: in clear.
  ServerStream(FileDescriptor socket, const ServerTls* tls);
  ~ServerStream();

  int fd() const { return socket_.get(); }

  // False where the peer does not get through it. At once in clear.
  bool Handshake();
  bool resumed() const;

  // Bytes that were received but not read yet, which the socket knows nothing of.
  bool HasPending() const;

  // What has come, at most 64 KiB; empty: the peer has closed or reset the connection.
  std::string Read();
  // False where the peer does not take it all.
  bool Write(absl::string_view bytes);

  // In good order; so that the peer sees a reset; without TLS's own farewell.
  void Close();
  void Reset();
  void Cut();

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  FileDescriptor socket_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_SERVER_STREAM_H_
