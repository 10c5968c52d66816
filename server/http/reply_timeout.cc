// SPDX-License-Identifier: Apache-2.0

#include "server/http/reply_timeout.h"

#include <algorithm>

namespace uid2 {
namespace {

constexpr ReplyTimeout::Duration kLongest = std::chrono::hours(1);

}  // namespace

void ReplyTimeout::OnReply(Duration duration) {
  if (smoothed_ == Duration::zero()) {
    smoothed_ = duration;
    deviation_ = duration / 2;
  } else {
    deviation_ += (std::chrono::abs(smoothed_ - duration) - deviation_) / 4;
    smoothed_ += (duration - smoothed_) / 8;
  }
  value_ = smoothed_ + 4 * deviation_;
}

void ReplyTimeout::OnTimeout(Duration waited) {
  value_ = std::min(2 * std::max(value_, waited), kLongest);
}

}  // namespace uid2
