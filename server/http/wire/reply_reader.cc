// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_reader.h"

#include <utility>

#include "server/http/connection_failure.h"
#include "server/http/wire/reply_parser.h"

namespace uid2 {

ReplyReader::ReplyReader(int64_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

ReplyReader::~ReplyReader() = default;

absl::StatusOr<absl::optional<HttpReply>> ReplyReader::Read(absl::string_view bytes) {
  if (bytes.empty()) return absl::nullopt;
  if (partial_ != nullptr) {
    absl::StatusOr<absl::optional<HttpReply>> reply = ReadInto(*partial_, bytes);
    if (reply.ok() && reply->has_value()) partial_.reset();
    return reply;
  }
  // Most replies arrive in one piece, so their parser is not needed any longer.
  ReplyParser parser(max_body_bytes_);
  absl::StatusOr<absl::optional<HttpReply>> reply = ReadInto(parser, bytes);
  if (!reply.ok() || !reply->has_value()) {
    partial_ = std::make_unique<ReplyParser>(std::move(parser));
  }
  return reply;
}

absl::StatusOr<absl::optional<HttpReply>> ReplyReader::ReadInto(ReplyParser& parser,
                                                                absl::string_view bytes) {
  const absl::StatusOr<bool> complete = parser.Read(bytes);
  if (!complete.ok()) return complete.status();
  if (!*complete) return absl::nullopt;
  keep_alive_ = parser.keep_alive() && bytes.empty();
  return parser.Take();
}

absl::StatusOr<HttpReply> ReplyReader::End() {
  if (partial_ == nullptr) return absl::UnavailableError(kClosedWithoutReply);
  if (absl::Status status = partial_->End(); !status.ok()) return status;
  keep_alive_ = false;
  HttpReply reply = partial_->Take();
  partial_.reset();
  return reply;
}

}  // namespace uid2
