// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/result_counters.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace uid2 {
namespace {

constexpr size_t kReasons = identity::v1::ErrorReason_ARRAYSIZE;
constexpr size_t kCodes = 17;
// What distinguishes results of the same outcome: nothing or a reason or, without one, a code.
constexpr size_t kCauses = kReasons + kCodes;

size_t CauseOf(const CallResult& result) {
  const auto reason = static_cast<size_t>(result.reason);
  if (reason != 0 && reason < kReasons) return reason;
  if (result.code == absl::StatusCode::kOk) return 0;
  const auto code = static_cast<size_t>(result.code);
  return kReasons + (code < kCodes ? code : static_cast<size_t>(absl::StatusCode::kUnknown));
}

std::string NameOf(size_t cause) {
  if (cause == 0) return "";
  if (cause < kReasons) {
    return identity::v1::ErrorReason_Name(static_cast<identity::v1::ErrorReason>(cause));
  }
  return absl::StatusCodeToString(static_cast<absl::StatusCode>(cause - kReasons));
}

// One row for failures, and one for each outcome's number.
size_t RowsFor(const google::protobuf::EnumDescriptor& outcomes) {
  int last = 0;
  for (int i = 0; i < outcomes.value_count(); ++i) {
    last = std::max(last, outcomes.value(i)->number());
  }
  return static_cast<size_t>(last) + 2;
}

}  // namespace

struct ResultCounters::Table {
  // Copies share the series, so it does no harm if two threads make one at the same time.
  Counter Get(const CallResult& result);

  Metrics& metrics;
  const std::string name;
  const std::string help;
  const Metrics::Labels labels;
  const google::protobuf::EnumDescriptor& outcomes;
  const size_t rows = RowsFor(outcomes);
  // Row by row, with a counter for each cause.
  const std::unique_ptr<std::atomic<Counter>[]> counters =
      std::make_unique<std::atomic<Counter>[]>(rows * kCauses);
};

Counter ResultCounters::Table::Get(const CallResult& result) {
  const size_t row =
      result.code == absl::StatusCode::kOk ? static_cast<size_t>(result.outcome) + 1 : 0;
  const size_t cause = CauseOf(result);
  std::atomic<Counter>& counter = counters[std::min(row, rows - 1) * kCauses + cause];
  const Counter known = counter.load(std::memory_order_acquire);
  if (known.exists()) return known;

  Metrics::Labels all = labels;
  const auto* const outcome = row == 0 ? nullptr : outcomes.FindValueByNumber(result.outcome);
  all["outcome"] = outcome == nullptr ? "" : outcome->name();
  all["reason"] = NameOf(cause);
  const Counter made = metrics.AddCounter(name, help, all);
  counter.store(made, std::memory_order_release);
  return made;
}

ResultCounters::ResultCounters(Metrics& metrics, absl::string_view name, absl::string_view help,
                               Metrics::Labels labels,
                               const google::protobuf::EnumDescriptor& outcomes)
    : table_(
          new Table{metrics, std::string(name), std::string(help), std::move(labels), outcomes}) {}

ResultCounters::ResultCounters(ResultCounters&&) noexcept = default;
ResultCounters& ResultCounters::operator=(ResultCounters&&) noexcept = default;
ResultCounters::~ResultCounters() = default;

void ResultCounters::Create(const CallResult& result) const { (void)table_->Get(result); }

void ResultCounters::Increment(const CallResult& result) const { table_->Get(result).Increment(); }

}  // namespace uid2
