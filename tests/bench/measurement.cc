// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/measurement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace uid2::bench {
namespace {

double Microseconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

}  // namespace

Measurement::Measurement(const ProcessCpuClock& cpu, Clock::duration warm_up,
                         Clock::duration duration)
    : cpu_(cpu), warm_(Clock::now() + warm_up), end_(warm_ + duration) {}

void Measurement::Record(Clock::time_point began, Clock::time_point now, absl::string_view error) {
  if (closed_ || now < warm_) return;
  if (!open_) {
    // This call's work was done before the window opened. The next call is the first that counts.
    open_ = true;
    opened_at_ = now;
    cpu_at_open_ = cpu_.Now();
    if (threads_of_) threads_at_open_ = ReadThreadUsages(*threads_of_);
    return;
  }
  ++calls_;
  if (error.empty()) {
    latency_.Record(now - began);
  } else {
    ++errors_[std::string(error)];
  }
  if (now >= end_) Close(now);
}

void Measurement::Close(Clock::time_point now) {
  closed_ = true;
  closed_at_ = now;
  cpu_used_ = open_ ? cpu_.Now() - cpu_at_open_ : std::chrono::nanoseconds::zero();
  if (threads_of_ && open_) threads_at_close_ = ReadThreadUsages(*threads_of_);
}

std::string Measurement::ThreadsJson(double calls) const {
  return absl::StrJoin(
      threads_at_close_, ",",
      [&](std::string* out, const std::pair<std::string, ThreadUsage>& thread) {
        const auto before = threads_at_open_.find(thread.first);
        const ThreadUsage since = before == threads_at_open_.end() ? ThreadUsage{} : before->second;
        absl::StrAppendFormat(
            out, R"("%s":{"cpu_us_per_call":%.2f,"switches_per_call":%.3f})", thread.first,
            Microseconds(thread.second.cpu - since.cpu) / calls,
            static_cast<double>(thread.second.voluntary_switches - since.voluntary_switches) /
                calls);
      });
}

std::string Measurement::Json() {
  if (!closed_) Close(Clock::now());
  const double seconds = open_ ? std::chrono::duration<double>(closed_at_ - opened_at_).count() : 0;
  const double calls = static_cast<double>(std::max<int64_t>(calls_, 1));
  const std::string errors =
      absl::StrJoin(errors_, ",", [](std::string* out, const std::pair<std::string, int64_t>& e) {
        absl::StrAppend(out, "\"", e.first, "\":", e.second);
      });
  return absl::StrFormat(
      R"({"calls":%d,"errors":{%s},"missed":%d,"seconds":%.3f,"calls_per_second":%.1f,)"
      R"("cpu_us_per_call":%.2f,"cores_used":%.3f,"threads":{%s},)"
      R"("latency_us":{"p50":%.1f,"p99":%.1f,"p999":%.1f,"max":%.1f}})",
      calls_, errors, missed_, seconds, seconds > 0 ? static_cast<double>(calls_) / seconds : 0,
      Microseconds(cpu_used_) / calls, seconds > 0 ? Microseconds(cpu_used_) / 1e6 / seconds : 0,
      ThreadsJson(calls), Microseconds(latency_.Quantile(0.5)),
      Microseconds(latency_.Quantile(0.99)), Microseconds(latency_.Quantile(0.999)),
      Microseconds(latency_.max()));
}

}  // namespace uid2::bench
