// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_OPENING_LIMIT_H_
#define SERVER_HTTP_WIRE_OPENING_LIMIT_H_

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace uid2 {

// How many connections to one address may be opened at a time, so that a server that cannot keep up
// with handshakes has time left for requests. Grows as long as the time that one takes does not, so
// that it doubles with each round of handshakes; shrinks when that time grows. Forgets what it has
// learned when no connection is being opened. Not thread-safe.
class OpeningLimit {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // At first, and at least, if no connection is open: as many handshakes keep a server busy for
  // some milliseconds.
  static constexpr int kFirst = 16;
  // If connections are open, each counts as one of those, but as many may always be opened. They
  // carry requests, whose replies come later because of handshakes; and each reply serves an
  // exchange that waits, perhaps sooner than a new connection would. So few handshakes at a time
  // are also the measure that shows whether more take longer.
  static constexpr int kLeast = 2;

  // `open` connections to the address are open.
  explicit OpeningLimit(size_t open)
      : least_(std::max(kLeast, kFirst - static_cast<int>(std::min<size_t>(open, kFirst)))) {}

  bool reached() const { return in_progress_ >= limit_; }
  bool unused() const { return in_progress_ == 0; }

  void Begin() { ++in_progress_; }

  // Nothing is known of how long it would have taken.
  void End() { --in_progress_; }

  void Opened(Duration took) {
    --in_progress_;
    fastest_ = std::min(fastest_, took);
    // Two at a time take twice as long if the server has one core for them, and as long as one if
    // the way to it is what takes time.
    if (took <= fastest_ + fastest_ / 2) {
      ++limit_;
    } else {
      limit_ = std::max(least_, limit_ - std::max(1, limit_ / kShrinks));
    }
  }

 private:
  static constexpr int kShrinks = 8;

  const int least_;
  int limit_ = least_;
  int in_progress_ = 0;
  Duration fastest_ = Duration::max() / 2;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_OPENING_LIMIT_H_
