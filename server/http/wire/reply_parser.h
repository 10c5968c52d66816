// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_REPLY_PARSER_H_
#define SERVER_HTTP_WIRE_REPLY_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/http/http_client.h"
#include "server/http/wire/reply_head.h"

namespace uid2 {

// One reply while it is read. ReplyReader describes the limit and the errors.
class ReplyParser {
 public:
  explicit ReplyParser(int64_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  // Takes the next bytes of the reply from `bytes`, which it shortens: by all of them, unless the
  // reply ends earlier. Returns whether the reply is complete. After an error, only destroy this.
  absl::StatusOr<bool> Read(absl::string_view& bytes);

  // The peer has closed the connection in order. OK if this completes the reply.
  absl::Status End() const;

  // These are valid once the reply is complete.
  bool keep_alive() const { return head_.keep_alive(); }
  HttpReply Take() { return std::move(reply_); }

 private:
  // What comes next.
  enum class Part {
    kStatusLine,
    kField,
    kBody,
    kBodyUntilClose,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailer,
    kNothing,
  };

  enum class Step { kDone, kNeedsBytes, kNotHttp, kHeadTooLarge, kBodyTooLarge };

  Step ReadPart(absl::string_view& bytes);
  Step ReadLine(absl::string_view& bytes);
  void KeepLine(absl::string_view& bytes);
  Step AddLine(absl::string_view line);
  Step BeginBody();
  Step BeginChunk(absl::string_view line);
  void ReadBody(absl::string_view& bytes);
  Step ReadUntilClose(absl::string_view& bytes);

  const int64_t max_body_bytes_;
  Part part_ = Part::kStatusLine;
  ReplyHead head_;
  HttpReply reply_;
  // Bytes of head, trailer and chunks' extensions so far, without those in line_.
  size_t head_bytes_ = 0;
  // Bytes of the body, or of its chunk, that have not arrived.
  int64_t missing_ = 0;
  // The beginning of a line whose end has not arrived.
  std::string line_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_REPLY_PARSER_H_
