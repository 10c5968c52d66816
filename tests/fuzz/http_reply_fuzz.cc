// SPDX-License-Identifier: Apache-2.0

// Reads the input as a reply to a POST. How a reply arrives must make no difference: whole, byte by
// byte, or cut anywhere.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/http/http_client.h"
#include "server/http/wire/reply_reader.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

// Small, so that inputs exceed it.
constexpr int64_t kMaxBodyBytes = 64;

struct Outcome {
  absl::StatusOr<absl::optional<HttpReply>> reply = absl::nullopt;
  bool keep_alive = false;
  bool begun = false;
  // How the reply ends if the peer then closes the connection.
  absl::StatusOr<HttpReply> at_end = HttpReply();
};

bool Same(const HttpReply& a, const HttpReply& b) {
  return a.status == b.status && a.body == b.body && a.retry_after == b.retry_after &&
         a.date == b.date;
}

bool Same(const Outcome& a, const Outcome& b) {
  if (a.reply.status() != b.reply.status() || a.begun != b.begun) return false;
  if (!a.reply.ok()) return true;
  if (a.reply->has_value() != b.reply->has_value()) return false;
  if (a.reply->has_value()) return Same(**a.reply, **b.reply) && a.keep_alive == b.keep_alive;
  if (a.at_end.status() != b.at_end.status()) return false;
  return !a.at_end.ok() || Same(*a.at_end, *b.at_end);
}

// Reads `bytes` in pieces whose sizes `next_size` tells. As a client does, it ends with the reply.
template <typename NextSize>
Outcome ReadInPieces(absl::string_view bytes, NextSize next_size) {
  ReplyReader reader(kMaxBodyBytes);
  Outcome outcome;
  while (!bytes.empty()) {
    const absl::string_view piece = bytes.substr(0, next_size());
    bytes.remove_prefix(piece.size());
    outcome.reply = reader.Read(piece);
    outcome.begun = reader.begun();
    if (!outcome.reply.ok()) return outcome;
    if (outcome.reply->has_value()) {
      // Bytes of a later piece are bytes after the reply, too.
      outcome.keep_alive = reader.keep_alive() && bytes.empty();
      return outcome;
    }
  }
  outcome.at_end = reader.End();
  return outcome;
}

void CheckReply(const HttpReply& reply, absl::string_view input) {
  Require(reply.status >= 200 && reply.status <= 999, "a final reply has a final status");
  Require(reply.body.size() <= static_cast<size_t>(kMaxBodyBytes), "a body is within its limit");
  Require(reply.peer.empty(), "the peer is not known here");
  for (const std::string& value : {reply.retry_after, reply.date}) {
    Require(absl::StrContains(input, value), "a field's value is as it was received");
    Require(value.find_first_of("\r\n\0", 0, 3) == std::string::npos,
            "a field's value is one line");
  }
}

void Check(absl::string_view input) {
  const Outcome whole = ReadInPieces(input, [&] { return input.size(); });
  const Outcome bytewise = ReadInPieces(input, [] { return size_t{1}; });
  Require(Same(whole, bytewise), "a reply that arrives byte by byte is the same");
  std::minstd_rand random(static_cast<unsigned>(input.size()));
  const Outcome cut =
      ReadInPieces(input, [&] { return std::uniform_int_distribution<size_t>(1, 24)(random); });
  Require(Same(whole, cut), "a reply that arrives in pieces is the same");
  if (!whole.reply.ok()) {
    Require(absl::IsUnavailable(whole.reply.status()) ||
                absl::IsResourceExhausted(whole.reply.status()),
            "an error is a failure of the connection or a reply that is too large");
    Require(whole.begun, "a reply that is refused has begun");
    return;
  }
  if (whole.reply->has_value()) return CheckReply(**whole.reply, input);
  Require(whole.begun == !input.empty(), "a reply begins with its first byte");
  if (whole.at_end.ok()) {
    CheckReply(*whole.at_end, input);
  } else {
    Require(absl::IsUnavailable(whole.at_end.status()), "a reply that is cut off is a failure");
  }
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uid2::Check(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
