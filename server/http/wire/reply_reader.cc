// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_reader.h"

#include <utility>

#include "server/http/reply_failure.h"
#include "server/http/wire/reply_parser.h"

namespace uid2 {

ReplyReader::ReplyReader(int64_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

ReplyReader::~ReplyReader() = default;

absl::StatusOr<absl::optional<HttpReply>> ReplyReader::Read(absl::string_view bytes) {
  if (bytes.empty()) return absl::nullopt;
  if (partial_ != nullptr) {
    const absl::StatusOr<bool> complete = partial_->Read(bytes);
    if (!complete.ok()) return complete.status();
    if (!*complete) return absl::nullopt;
    keep_alive_ = partial_->keep_alive() && bytes.empty();
    HttpReply reply = partial_->Take();
    partial_.reset();
    return reply;
  }
  // Most replies arrive in one piece, so their parser need not outlive this.
  ReplyParser parser(max_body_bytes_);
  const absl::StatusOr<bool> complete = parser.Read(bytes);
  if (complete.ok() && *complete) {
    keep_alive_ = parser.keep_alive() && bytes.empty();
    return parser.Take();
  }
  partial_ = std::make_unique<ReplyParser>(std::move(parser));
  if (!complete.ok()) return complete.status();
  return absl::nullopt;
}

absl::StatusOr<HttpReply> ReplyReader::End() {
  if (partial_ == nullptr) return NoReply();
  if (absl::Status status = partial_->End(); !status.ok()) return status;
  keep_alive_ = false;
  HttpReply reply = partial_->Take();
  partial_.reset();
  return reply;
}

}  // namespace uid2
