// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_REPLY_TIMEOUT_H_
#define SERVER_HTTP_REPLY_TIMEOUT_H_

#include <chrono>

namespace uid2 {

// Estimates how long a server that is well takes to reply at most, from the replies so far: the
// retransmission timeout of TCP (RFC 6298), without its lower bound. Not thread-safe.
class ReplyTimeout {
 public:
  using Duration = std::chrono::nanoseconds;

  // A reply has taken this long.
  void OnReply(Duration duration);

  // There was no reply within this time. The estimate doubles until the next reply, so that a
  // server that has become slow is not given up for ever.
  void OnTimeout(Duration waited);

  // Zero before the first reply or timeout.
  Duration value() const { return value_; }

 private:
  Duration value_{0};
  // Moving averages of the replies' times and of their deviation from the average.
  Duration smoothed_{0};
  Duration deviation_{0};
};

}  // namespace uid2

#endif  // SERVER_HTTP_REPLY_TIMEOUT_H_
