// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_PLAIN_STREAM_H_
#define SERVER_HTTP_WIRE_PLAIN_STREAM_H_

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/event/file_descriptor.h"
#include "server/http/wire/byte_stream.h"

namespace uid2 {

// A TCP connection without TLS.
class PlainStream final : public ByteStream {
 public:
  // `socket` must be connected and non-blocking.
  explicit PlainStream(FileDescriptor socket) : ByteStream(std::move(socket)) {}

  absl::StatusOr<Wait> Handshake() override { return Wait::kNone; }
  absl::StatusOr<Progress> Send(absl::string_view bytes) override;
  absl::StatusOr<Progress> Receive(absl::Span<char> buffer) override;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_PLAIN_STREAM_H_
