// SPDX-License-Identifier: Apache-2.0

#include "client/cli/batch.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "client/cli/bare_dii.h"
#include "client/cli/dii_input.h"
#include "client/cli/error_report.h"
#include "client/cli/outcome_report.h"
#include "server/status/reason.h"

namespace uid2::cli {
namespace {

constexpr int kMaxTries = 3;
constexpr int kMaxFailuresInARow = 20;
// Before a call is repeated, if the service does not say how long to wait.
constexpr absl::Duration kPause = absl::Seconds(1);
constexpr absl::Duration kMaxPause = absl::Seconds(30);
constexpr int kProgressMs = 250;
// Results that wait for an earlier one, per call that may be in flight.
constexpr size_t kPendingPerCall = 64;

// Whether the user of this line is at fault, so that other lines may do better.
bool IsOfTheUser(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument &&
         ReasonOf(status) != identity::v1::PARTICIPANT_MISSING &&
         ReasonOf(status) != identity::v1::PARTICIPANT_UNKNOWN;
}

bool MayPass(const absl::Status& status) { return ExitCodeOf(status) == kExitUnavailable; }

}  // namespace

Batch::Batch(Options options, int input, LineReader& reader, BatchCalls& calls,
             BatchResults& results, const Clock& clock)
    : options_(std::move(options)),
      input_(input),
      reader_(reader),
      calls_(calls),
      results_(results),
      clock_(clock),
      pause_ends_(clock.Steady()) {}

absl::Status Batch::Run() {
  for (;;) {
    for (const BatchCalls::Completed& completed : calls_.Take()) Handle(completed);
    StartWhatIsThere();
    if (absl::Status status = WriteWhatIsNext(); !status.ok()) return status;
    const bool no_more = !given_up_.ok() || (reader_.ended() && again_.empty());
    if (no_more && calls_.in_flight() == 0) return given_up_;
    if (absl::Status status = Wait(); !status.ok()) return status;
    options_.progress(*this);
  }
}

bool Batch::CanStart() const {
  return given_up_.ok() && calls_.in_flight() < options_.concurrency &&
         clock_.Steady() >= pause_ends_;
}

bool Batch::TakesLines() const {
  return CanStart() &&
         pending_.size() < kPendingPerCall * static_cast<size_t>(options_.concurrency);
}

void Batch::StartWhatIsThere() {
  while (CanStart() && !again_.empty()) {
    BatchItem item = std::move(again_.front());
    again_.pop_front();
    Call(std::move(item));
  }
  while (TakesLines()) {
    absl::optional<NumberedLine> line = reader_.Next();
    if (!line.has_value()) return;
    StartLine(*std::move(line));
  }
}

void Batch::StartLine(NumberedLine line) {
  last_line_ = line.number;
  if (absl::StripAsciiWhitespace(line.text).empty() || results_.IsDone(line.number)) return;
  pending_.emplace(line.number, "");
  if (line.is_cut) return AddFailure(line.number, absl::InvalidArgumentError("too long a line"));
  Call({std::move(line), 0});
}

void Batch::Call(BatchItem item) {
  BatchCalls::Request request = options_.request;
  absl::Status status = SetDii(item.line.text, options_.kind, request);
  if (status.ok()) status = CheckBareDii(request);
  if (!status.ok()) return AddFailure(item.line.number, status);
  ++item.tries;
  calls_.Start(request, std::move(item));
}

void Batch::Handle(const BatchCalls::Completed& completed) {
  const int64_t number = completed.item.line.number;
  if (completed.response.ok()) {
    failures_in_a_row_ = 0;
    const Outcome outcome = OutcomeOf(*completed.response);
    tally_.AddOutcome(outcome.name);
    pending_[number] = ToJson(outcome);
    return;
  }
  const absl::Status& status = completed.response.status();
  if (IsOfTheUser(status)) {
    failures_in_a_row_ = 0;
  } else if (++failures_in_a_row_ >= kMaxFailuresInARow && given_up_.ok()) {
    given_up_ = status;
    // They have failed before, and will not be repeated.
    for (const BatchItem& item : std::exchange(again_, {})) AddFailure(item.line.number, status);
  }
  if (!Repeat(completed.item, status)) AddFailure(number, status);
}

bool Batch::Repeat(BatchItem item, const absl::Status& status) {
  if (!given_up_.ok() || !MayPass(status) || item.tries >= kMaxTries) return false;
  const absl::Duration pause = std::min(RetryAfterOf(status).value_or(kPause), kMaxPause);
  pause_ends_ = std::max(pause_ends_, clock_.Steady() + absl::ToChronoNanoseconds(pause));
  again_.push_back(std::move(item));
  return true;
}

void Batch::AddFailure(int64_t number, const absl::Status& status) {
  tally_.AddFailure(status);
  pending_[number] = ErrorJson(status);
}

absl::Status Batch::WriteWhatIsNext() {
  while (!pending_.empty() && !pending_.begin()->second.empty()) {
    const auto first = pending_.begin();
    if (absl::Status status = results_.Write(first->first, first->second); !status.ok()) {
      return status;
    }
    pending_.erase(first);
  }
  return absl::OkStatus();
}

absl::Status Batch::Wait() {
  const bool wants_input = TakesLines() && again_.empty() && !reader_.ended();
  pollfd entries[] = {{calls_.descriptor(), POLLIN, 0}, {wants_input ? input_ : -1, POLLIN, 0}};
  const auto pause =
      std::chrono::ceil<std::chrono::milliseconds>(pause_ends_ - clock_.Steady()).count();
  const int limit =
      pause > 0 ? static_cast<int>(std::min<int64_t>(pause, kProgressMs)) : kProgressMs;
  if (poll(entries, 2, limit) < 0 && errno != EINTR) {
    return absl::NotFoundError(absl::StrCat("cannot wait for input: ", std::strerror(errno)));
  }
  return wants_input && entries[1].revents != 0 ? reader_.Fill() : absl::OkStatus();
}

}  // namespace uid2::cli
