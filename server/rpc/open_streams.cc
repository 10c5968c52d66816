// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/open_streams.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

// Streams stay open for minutes, so that there is no point in trying again sooner.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

OpenStreams::OpenStreams(const Options& options) : options_(options) {}

absl::Status OpenStreams::Enter(absl::string_view connection) {
  absl::MutexLock lock(&mutex_);
  if (open_ >= options_.max_in_all) {
    return MakeRetryableError(
        identity::v1::OVERLOADED,
        absl::StrCat("this replica has its ", options_.max_in_all,
                     " streams of health watches and reflection open; try another replica"),
        kRetryAfter);
  }
  int& of_connection = of_connection_[connection];
  if (of_connection >= options_.max_of_connection) {
    return MakeRetryableError(
        identity::v1::CALLER_LIMIT,
        absl::StrCat("this connection has its ", options_.max_of_connection,
                     " streams of health watches and reflection open; end some of them"),
        kRetryAfter);
  }
  ++of_connection;
  ++open_;
  return absl::OkStatus();
}

void OpenStreams::Leave(absl::string_view connection) {
  absl::MutexLock lock(&mutex_);
  --open_;
  const auto found = of_connection_.find(connection);
  if (--found->second == 0) of_connection_.erase(found);
}

int OpenStreams::open() const {
  absl::MutexLock lock(&mutex_);
  return open_;
}

}  // namespace uid2
