// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_OPENING_LIMIT_H_
#define SERVER_HTTP_WIRE_OPENING_LIMIT_H_

#include <algorithm>
#include <chrono>
#include <utility>

namespace uid2 {

// How many connections to one address may be opened at a time, so that a server that cannot keep up
// with handshakes has time left for requests. Grows while handshakes take about as long as the
// fastest of the last minutes, so that it doubles with each round of them; shrinks while they take
// much longer. Not thread-safe.
class OpeningLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = TimePoint::duration;

  // At first, and at most when no connection is being opened: as many handshakes keep a server busy
  // for some milliseconds.
  static constexpr int kFirst = 16;
  // At least, while handshakes take much longer than one alone.
  static constexpr int kLeast = 2;

  // For how long it remembers, at least, and up to twice as long. Connections are replaced every
  // five minutes, so that there are always some that are opened alone and show how long that takes.
  static constexpr auto kMemory = std::chrono::minutes(5);

  bool reached() const { return in_progress_ >= limit_; }

  // Whether there is nothing that a new object would not know.
  bool forgotten(TimePoint now) const {
    return in_progress_ == 0 && now - period_begun_ >= 2 * kMemory;
  }

  void Begin(TimePoint now) {
    ForgetOld(now);
    if (in_progress_++ == 0) {
      limit_ = std::min(limit_, kFirst);
      slowest_ = Duration::zero();
    }
    last_begun_ = now;
  }
  TimePoint last_begun() const { return last_begun_; }

  // Nothing is known of how long it would have taken.
  void End() { --in_progress_; }

  void Opened(TimePoint begun, TimePoint now) {
    ForgetOld(now);
    --in_progress_;
    const Duration took = now - begun;
    fastest_ = std::min(fastest_, took);
    OpenedLate(took);
    if (took <= kSlower * std::min(fastest_, fastest_before_)) {
      ++limit_;
    } else {
      limit_ = std::max(kLeast, limit_ - std::max(1, limit_ / kShrinks));
    }
  }

  // One that had been given up with End() took that long.
  void OpenedLate(Duration took) { slowest_ = std::max(slowest_, took); }

  // If one has taken longer than this, although one that was begun later is open, it hangs. A
  // server that is slow makes all of them wait, more or less in turn.
  Duration patience() const { return 2 * slowest_; }

 private:
  // The way to the server makes the time vary by less than this factor. If the server has one core
  // for handshakes, it takes longer with more of them at a time than that.
  static constexpr int kSlower = 3;
  static constexpr int kShrinks = 8;
  static constexpr Duration kUnknown = Duration::max() / kSlower;

  void ForgetOld(TimePoint now) {
    const Duration age = now - period_begun_;
    if (age < kMemory) return;
    if (age >= 2 * kMemory) {
      limit_ = kFirst;
      fastest_ = kUnknown;
    }
    fastest_before_ = std::exchange(fastest_, kUnknown);
    period_begun_ = now;
  }

  int limit_ = kFirst;
  int in_progress_ = 0;
  // In the period that has begun then, and in the one before.
  TimePoint period_begun_;
  Duration fastest_ = kUnknown;
  Duration fastest_before_ = kUnknown;
  TimePoint last_begun_;
  // Since connections are being opened without a pause.
  Duration slowest_ = Duration::zero();
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_OPENING_LIMIT_H_
