// SPDX-License-Identifier: Apache-2.0

#include "client/cli/batch_tally.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/status/reason.h"

namespace uid2::cli {
namespace {

int64_t Sum(const std::map<std::string, int64_t>& counts) {
  int64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

}  // namespace

void BatchTally::AddFailure(const absl::Status& status) {
  const Reason reason = ReasonOf(status);
  ++failures_[reason == identity::v1::ERROR_REASON_UNSPECIFIED
                  ? absl::StatusCodeToString(status.code())
                  : identity::v1::ErrorReason_Name(reason)];
  exit_code_ = std::max(exit_code_, ExitCodeOf(status));
}

int64_t BatchTally::total() const { return Sum(outcomes_) + Sum(failures_); }

int64_t BatchTally::failed() const { return Sum(failures_); }

std::string BatchTally::Summary(absl::Duration took) const {
  std::string text =
      absl::StrCat(total(), total() == 1 ? " user in " : " users in ",
                   absl::FormatDuration(
                       absl::Trunc(took, absl::Milliseconds(took < absl::Seconds(1) ? 1 : 100))));
  absl::string_view separator = ": ";
  for (const auto& [name, count] : outcomes_) {
    absl::StrAppend(&text, std::exchange(separator, ", "), count, " ", name);
  }
  if (failed() == 0) return text + "\n";
  absl::StrAppend(&text, separator, failed(), " failed (",
                  absl::StrJoin(failures_, ", ", absl::PairFormatter(" ")), ")\n");
  return text;
}

}  // namespace uid2::cli
