// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_REPLY_HEAD_H_
#define SERVER_HTTP_WIRE_REPLY_HEAD_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/http/http_client.h"

namespace uid2 {

// What the head of a reply says about its end. Filled line by line: the status line, then the
// fields. Everything is refused that could make two readers disagree about where the reply ends.
class ReplyHead {
 public:
  enum class Framing { kNoBody, kLength, kChunked, kUntilClose };

  // Each takes a line without its end that contains no control characters except tabs, and puts
  // what HttpReply has of it into `reply`. False if the line is not valid or contradicts an earlier
  // one: then the reply must be refused.
  bool AddStatusLine(absl::string_view line, HttpReply& reply);
  bool AddField(absl::string_view line, HttpReply& reply);

  // Call this after the last field. False if the fields contradict each other.
  bool Complete();

  // These are valid after Complete().

  // An interim reply: it has no body, and another head follows.
  bool interim() const { return status_ < 200; }
  Framing framing() const { return framing_; }
  // With Framing::kLength. A number beyond the type's range is its maximum.
  int64_t length() const { return length_; }
  // Whether the peer lets the connection carry another request.
  bool keep_alive() const { return keep_alive_; }

 private:
  static constexpr int64_t kNoLength = -1;

  bool AddLength(absl::string_view value);
  bool AddTransferEncoding(absl::string_view value);
  void AddConnection(absl::string_view value);

  int status_ = 0;
  bool http_1_0_ = false;
  int64_t length_ = kNoLength;
  bool chunked_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool has_date_ = false;
  bool has_retry_after_ = false;
  Framing framing_ = Framing::kNoBody;
  bool keep_alive_ = false;
};

// Whether `line`, which contains no control characters except tabs, is a field of a head or of a
// trailer: a name, directly followed by a colon, and a value.
bool IsFieldLine(absl::string_view line);

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_REPLY_HEAD_H_
