// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_RECORDING_EVENT_LOG_H_
#define TESTS_FAKES_RECORDING_EVENT_LOG_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/telemetry/event_log.h"

namespace uid2::testing {

// Keeps each event's message. Thread-safe.
class RecordingEventLog : public EventLog {
 public:
  void Event(Severity /*severity*/, absl::string_view message) override {
    absl::MutexLock lock(&mutex_);
    messages_.emplace_back(message);
  }

  // Waits for a message that contains `text`, and returns it. Returns an empty string after ten
  // seconds.
  std::string Await(absl::string_view text) {
    std::string found;
    const auto arrived = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      const auto message =
          std::find_if(messages_.begin(), messages_.end(),
                       [&](const std::string& each) { return absl::StrContains(each, text); });
      if (message == messages_.end()) return false;
      found = *message;
      return true;
    };
    absl::MutexLock lock(&mutex_);
    (void)mutex_.AwaitWithTimeout(absl::Condition(&arrived), absl::Seconds(10));
    return found;
  }

  // The messages since the last call.
  std::vector<std::string> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(messages_, {});
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> messages_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_RECORDING_EVENT_LOG_H_
