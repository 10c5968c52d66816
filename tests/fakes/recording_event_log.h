// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_RECORDING_EVENT_LOG_H_
#define TESTS_FAKES_RECORDING_EVENT_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/telemetry/event_log.h"

namespace uid2::testing {

// Keeps each event's message. Thread-safe.
class RecordingEventLog : public EventLog {
 public:
  void Event(Severity /*severity*/, absl::string_view message) override {
    absl::MutexLock lock(&mutex_);
    messages_.emplace_back(message);
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
