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

// A server's TLS configuration. Aborts if OpenSSL rejects the certificate.
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

// A server's end of one connection, with or without TLS; blocking. For use on one thread.
class ServerStream {
 public:
  // If `tls` is null, the connection is in plain text.
  ServerStream(FileDescriptor socket, const ServerTls* tls);
  ~ServerStream();

  int fd() const { return socket_.get(); }

  // False if the peer does not complete it. Without TLS, returns true at once.
  bool Handshake();
  bool resumed() const;

  // Whether there are bytes that OpenSSL has received but that are unread; polling the socket does
  // not show them.
  bool HasPending() const;

  // The bytes received, at most 64 KiB; empty if the peer has closed or reset the connection.
  std::string Read();
  // False if the peer does not accept all of it.
  bool Write(absl::string_view bytes);

  // Sends a KeyUpdate of TLS 1.3 that asks the peer for one. Aborts without TLS.
  bool UpdateKeys();

  // Cleanly; so that the peer sees a reset; without TLS's close_notify.
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
