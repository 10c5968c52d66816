// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_TLS_STREAM_H_
#define SERVER_HTTP_WIRE_TLS_STREAM_H_

#include <openssl/ssl.h>

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/event/file_descriptor.h"
#include "server/http/connection_failure.h"
#include "server/http/wire/byte_stream.h"
#include "server/http/wire/tls_context.h"

namespace uid2 {

// The client's end of a TLS connection.
class TlsStream final : public ByteStream {
 public:
  // `socket` must be connected and non-blocking. The handshake fails unless the peer's certificate
  // is for `host`, a name or an address (without brackets). Resumes a session with `host` and
  // `port` if there is one. Fails with kInternal if OpenSSL does.
  static absl::StatusOr<std::unique_ptr<TlsStream>> New(FileDescriptor socket,
                                                        std::shared_ptr<TlsContext> context,
                                                        absl::string_view host, int port);

  ~TlsStream() override;

  absl::StatusOr<Wait> Handshake() override;
  absl::StatusOr<Progress> Send(absl::string_view bytes) override;
  absl::StatusOr<Progress> Receive(absl::Span<char> buffer) override;

  // Whether the handshake, which must be complete, has resumed an earlier session.
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  using Ssl = std::unique_ptr<SSL, Free>;

  TlsStream(FileDescriptor socket, std::shared_ptr<TlsContext> context, Ssl ssl)
      : ByteStream(std::move(socket)), context_(std::move(context)), ssl_(std::move(ssl)) {}

  // What a call to OpenSSL that returned `result` waits for. If it has failed, sets `fault`, and
  // returns kNone.
  Wait WaitAfter(int result, ConnectionFault& fault);

  // Has the sessions in which ssl_ keeps its own.
  const std::shared_ptr<TlsContext> context_;
  const Ssl ssl_;
  // OpenSSL allows no further use of the connection.
  bool failed_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_TLS_STREAM_H_
