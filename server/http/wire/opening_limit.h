// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_OPENING_LIMIT_H_
#define SERVER_HTTP_WIRE_OPENING_LIMIT_H_

#include <algorithm>
#include <chrono>

namespace uid2 {

// How many connections to one address may be opened at a time, so that a server that cannot keep up
// with handshakes has time left for requests. Grows as long as the time that one takes does not, so
// that it doubles with each round of handshakes; shrinks when that time grows. Forgets what it has
// learned when no connection is being opened. Not thread-safe.
class OpeningLimit {
 public:
  using Duration = std::chrono::steady_clock::duration;

  // Also the least: as many handshakes keep a server busy for some milliseconds.
  static constexpr int kFirst = 16;

  bool reached() const { return in_progress_ >= limit_; }
  bool unused() const { return in_progress_ == 0; }

  void Begin() { ++in_progress_; }

  // Nothing is known of how long it would have taken.
  void End() { --in_progress_; }

  void Opened(Duration took) {
    --in_progress_;
    fastest_ = std::min(fastest_, took);
    if (took <= kSlower * fastest_) {
      ++limit_;
    } else {
      limit_ = std::max(kFirst, limit_ - limit_ / kShrinks);
    }
  }

 private:
  // The time varies by less than this factor while the server keeps up.
  static constexpr int kSlower = 2;
  static constexpr int kShrinks = 8;

  int limit_ = kFirst;
  int in_progress_ = 0;
  Duration fastest_ = Duration::max() / kSlower;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_OPENING_LIMIT_H_
