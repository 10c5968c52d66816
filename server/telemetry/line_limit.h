// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_LINE_LIMIT_H_
#define SERVER_TELEMETRY_LINE_LIMIT_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace uid2 {

// The lines whose number is limited.
enum class LineKind {
  // An attempt at an operator call that did not fail.
  kDebug,
  // A call that succeeded.
  kSuccess,
  // A call that failed because of its caller.
  kCallersError,
  // An attempt that failed.
  kAttempt,
  // A call that failed because of the operator or of this server, or whose identity was kept.
  kFault,
  // An error of a library, which anyone who can connect may provoke.
  kLibraryError,
};

// Limits the number of lines per second with a token bucket that holds the tokens of one second.
// The last three quarters of it are closed to debugging, the last half to successes, and the last
// quarter to callers' errors and failed attempts. So a flood of one kind leaves room for the kinds
// that matter more, which take its place one by one, and without a flood, every kind may use the
// whole rate.
//
// Errors of libraries have a small bucket of their own, so that someone who may not even call
// cannot displace the lines of calls.
//
// Thread-safe and lock-free.
class LineLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr size_t kKinds = 6;
  static constexpr int kLibraryErrorsPerSecond = 10;

  // How many lines of each kind were refused.
  using Refused = std::array<int64_t, kKinds>;

  // 0 lines per second means no limit, except on errors of libraries.
  explicit LineLimit(int lines_per_second);

  LineLimit(const LineLimit&) = delete;
  LineLimit& operator=(const LineLimit&) = delete;

  // Returns whether a line may be logged now, and counts it as refused otherwise.
  bool Admit(LineKind kind, TimePoint now);

  // Returns what was refused since the last call.
  Refused TakeRefused();

 private:
  class Bucket {
   public:
    explicit Bucket(int tokens_per_second);

    // Takes a token, unless less than `reserve` of the bucket would be left.
    bool Take(TimePoint now, double reserve);

   private:
    // The time in which one token arrives; zero if there is no limit.
    const std::chrono::nanoseconds interval_;
    // When the bucket will be full. The tokens in it are those that do not have to arrive until
    // then.
    std::atomic<TimePoint> full_at_{TimePoint::min()};
  };

  Bucket calls_;
  Bucket library_errors_;
  std::array<std::atomic<int64_t>, kKinds> refused_ = {};
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LINE_LIMIT_H_
