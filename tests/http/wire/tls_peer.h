// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_HTTP_WIRE_TLS_PEER_H_
#define TESTS_HTTP_WIRE_TLS_PEER_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/event/file_descriptor.h"
#include "server/http/wire/byte_stream.h"
#include "tests/fakes/server_stream.h"

namespace uid2::testing {

// A server's end of a TLS connection on a non-blocking socket, used in turn with the client's end
// on the same thread, so that a test decides in which order things happen.
class TlsPeer {
 public:
  TlsPeer(FileDescriptor socket, const ServerTls& tls);
  ~TlsPeer();

  SSL* ssl() const { return ssl_.get(); }
  int fd() const { return socket_.get(); }
  bool resumed() const { return SSL_session_reused(ssl()) == 1; }

  // Goes on with the handshake, as far as possible without waiting. Returns what SSL_get_error()
  // says: SSL_ERROR_NONE if it is complete.
  int Handshake();

  // Sends `bytes` in one record, or in several if they do not fit in one. Whether all of it was
  // accepted by the system.
  bool Write(absl::string_view bytes);
  // Sends a session ticket or a request for the client to update its key, also to be answered in
  // kind if `mutual`.
  bool SendTicket();
  bool SendKeyUpdate(bool mutual);

  // What has arrived. Also reads what is not for the application.
  std::string Read();
  // Reads until there are `count` bytes; fewer if no more come for ten seconds.
  std::string Read(size_t count);

  // With TLS's close_notify.
  void Close();
  // Returns the socket, which is not closed.
  FileDescriptor Detach() { return std::move(socket_); }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  FileDescriptor socket_;
  std::unique_ptr<SSL, Free> ssl_;
};

// Makes both sides go on with the handshake until both have ended. Returns the client's result:
// kNone or a failure.
absl::StatusOr<ByteStream::Wait> Handshake(ByteStream& client, TlsPeer& server);

// What `client` receives until it says that it must wait for more, or that this is the end.
struct Received {
  std::string bytes;
  ByteStream::Wait wait = ByteStream::Wait::kNone;
  bool end = false;
};
absl::StatusOr<Received> ReceiveAll(ByteStream& client, size_t buffer_size = 65536);

}  // namespace uid2::testing

#endif  // TESTS_HTTP_WIRE_TLS_PEER_H_
