// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_REPLY_READER_H_
#define SERVER_HTTP_WIRE_REPLY_READER_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/http/http_client.h"

namespace uid2 {

class ReplyParser;

// Reads the HTTP/1.x replies to the POST requests of one connection, one after another, from bytes
// that arrive in pieces of any size. Nothing is allocated for a reply that arrives in one piece,
// except for its strings; a reader that waits for a reply has a size of three words.
//
// Every error ends the connection: destroy the reader then. Errors are complete as
// HttpFailure::status: kUnavailable if the reply is not valid HTTP or is cut off,
// kResourceExhausted if its head or its body is too large. Not thread-safe.
class ReplyReader {
 public:
  // `max_body_bytes` is HttpClient's limit for a reply's body, not negative.
  explicit ReplyReader(int64_t max_body_bytes);
  ~ReplyReader();

  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Takes bytes that the peer has sent since the request. Returns the reply, without its peer, once
  // it is complete, and nothing while it is not. Interim (1xx) replies are skipped.
  absl::StatusOr<absl::optional<HttpReply>> Read(absl::string_view bytes);

  // The peer has closed the connection in order: returns the reply if it ends with its connection,
  // and an error if it is cut off or has not begun.
  absl::StatusOr<HttpReply> End();

  // Whether at least one byte has been read since the last complete reply. If the connection then
  // breaks, the request must not be sent again.
  bool begun() const { return partial_ != nullptr; }

  // Whether the connection may carry another request. Valid after Read() has returned a reply:
  // false if the peer intends to close, or has sent bytes after the reply.
  bool keep_alive() const { return keep_alive_; }

 private:
  // Reads on in `parser`.
  absl::StatusOr<absl::optional<HttpReply>> ReadInto(ReplyParser& parser, absl::string_view bytes);

  const int64_t max_body_bytes_;
  // What has been read of an incomplete reply; null if nothing has.
  std::unique_ptr<ReplyParser> partial_;
  bool keep_alive_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_REPLY_READER_H_
