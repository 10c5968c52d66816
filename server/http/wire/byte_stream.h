// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_BYTE_STREAM_H_
#define SERVER_HTTP_WIRE_BYTE_STREAM_H_

#include <cstddef>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/event/file_descriptor.h"

namespace uid2 {

// A connected, non-blocking socket, in plain text or with TLS. No call blocks, and none raises
// SIGPIPE. Not thread-safe, but not bound to a thread.
//
// Failures are kUnavailable, with the messages of connection_failure.h; ToHttpFailure() there tells
// certificate faults apart. After a failure, or the end, the stream can only be destroyed.
class ByteStream {
 public:
  // What has to happen on the socket before the same call can go on. It may be the opposite of what
  // the call is about: a TLS stream may have to write before it can read.
  enum class Wait { kNone, kRead, kWrite };

  struct Progress {
    // Those sent or received.
    size_t bytes = 0;
    Wait wait = Wait::kNone;
    // The peer has closed the connection in order: no more bytes will come.
    bool end = false;
  };

  virtual ~ByteStream() = default;

  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Call this until it returns kNone, before any other call. Plain text: at once.
  virtual absl::StatusOr<Wait> Handshake() = 0;

  // Sends the beginning of `bytes`, which must not be empty: all of it, unless `wait` says
  // otherwise. The next call must then pass the bytes that are left, at any address; a TLS stream
  // may have encrypted some of them already.
  virtual absl::StatusOr<Progress> Send(absl::string_view bytes) = 0;

  // Receives into `buffer`, which must not be empty. If `wait` is kNone and this is not the end,
  // call it again before you wait for events: the stream may hold bytes that it has taken from the
  // socket, and no event announces those. If it is kRead, nothing is held back, and (with
  // level-triggered events) the socket becomes readable as soon as there is more.
  //
  // A TLS stream may be readable although no bytes of the peer's application have come: session
  // tickets and key updates arrive at any time, also while a connection is idle.
  virtual absl::StatusOr<Progress> Receive(absl::Span<char> buffer) = 0;

  // Valid until the stream is destroyed, which closes the connection: in order, with TLS's
  // close_notify, as far as that does not block.
  int fd() const { return socket_.get(); }

 protected:
  explicit ByteStream(FileDescriptor socket) : socket_(std::move(socket)) {}

 private:
  FileDescriptor socket_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_BYTE_STREAM_H_
