// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/open_streams.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// Streams stay open for minutes, so that there is no point in trying again sooner.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

absl::Status Limited(absl::string_view whose, int limit) {
  return MakeRetryableError(
      identity::v1::CALLER_LIMIT,
      absl::StrCat("this ", whose, " has its ", limit,
                   " streams of health watches and reflection open; end some of them"),
      kRetryAfter);
}

using Counts = absl::flat_hash_map<std::string, int>;

int CountOf(const Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

void Decrement(Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  if (--found->second == 0) counts.erase(found);
}

}  // namespace

OpenStreams::OpenStreams(const Options& options) : options_(options) {}

absl::Status OpenStreams::Enter(const Client& client, double max_share) {
  const int max_of_caller =
      std::max(1, static_cast<int>(std::lround(max_share * options_.max_in_all)));
  absl::MutexLock lock(&mutex_);
  if (open_ >= options_.max_in_all) {
    return MakeRetryableError(
        identity::v1::OVERLOADED,
        absl::StrCat("this replica has its ", options_.max_in_all,
                     " streams of health watches and reflection open; try another replica"),
        kRetryAfter);
  }
  if (CountOf(of_connection_, client.connection) >= options_.max_of_connection) {
    return Limited("connection", options_.max_of_connection);
  }
  if (CountOf(of_caller_, client.caller) >= max_of_caller) return Limited("caller", max_of_caller);
  ++of_connection_[client.connection];
  ++of_caller_[client.caller];
  ++open_;
  return absl::OkStatus();
}

void OpenStreams::Leave(const Client& client) {
  absl::MutexLock lock(&mutex_);
  --open_;
  Decrement(of_connection_, client.connection);
  Decrement(of_caller_, client.caller);
}

int OpenStreams::open() const {
  absl::MutexLock lock(&mutex_);
  return open_;
}

}  // namespace uid2
