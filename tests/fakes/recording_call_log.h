// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_RECORDING_CALL_LOG_H_
#define TESTS_FAKES_RECORDING_CALL_LOG_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/telemetry/call_log.h"

namespace uid2::testing {

// Keeps what it is given, except durations. Thread-safe.
class RecordingCallLog : public CallLog {
 public:
  void Record(const CallRecord& record) override {
    absl::MutexLock lock(&mutex_);
    callers_.push_back(
        absl::StrCat(record.caller, "|", record.certificate_name, "|", record.participant));
    records_.push_back(absl::StrCat(record.method, "|", absl::StatusCodeToString(record.code), "|",
                                    record.reason, "|", record.outcome, "|", record.participant,
                                    "|", record.detail));
    trace_ids_.emplace_back(record.trace_id);
  }

  void Record(const AttemptRecord& record) override {
    absl::MutexLock lock(&mutex_);
    attempts_.push_back(absl::StrCat(record.participant, "|", record.address, "|", record.endpoint,
                                     "|", record.attempt, "|", record.failure, "|",
                                     record.operator_status, "|", record.operator_address, "|",
                                     record.trace_id, "|", record.detail));
  }

  // "method|code|reason|outcome|participant|detail" of each call, in the order in which they ended.
  std::vector<std::string> records() const {
    absl::MutexLock lock(&mutex_);
    return records_;
  }

  // "participant|address|endpoint|attempt|failure|operator_status|operator_address|trace_id|detail"
  // of each attempt, in the order in which they ended.
  std::vector<std::string> attempts() const {
    absl::MutexLock lock(&mutex_);
    return attempts_;
  }

  // The trace's id of each call, in the order of records().
  std::vector<std::string> trace_ids() const {
    absl::MutexLock lock(&mutex_);
    return trace_ids_;
  }

  // "caller|certificate_name|participant" of each call, in the same order.
  std::vector<std::string> callers() const {
    absl::MutexLock lock(&mutex_);
    return callers_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> callers_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> records_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> trace_ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> attempts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_RECORDING_CALL_LOG_H_
