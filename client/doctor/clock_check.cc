// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/clock_check.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/status/reason.h"

namespace uid2::doctor {
namespace {

constexpr char kCheck[] = "clock";
constexpr char kFix[] =
    "set this host's clock, preferably by NTP (timedatectl set-ntp true; check with chronyc "
    "tracking); in a container, set the node's clock";

std::vector<absl::Duration> Guesses() {
  std::vector<absl::Duration> guesses;
  // Narrower than the window of 239 seconds that the operator accepts, so that the windows overlap.
  constexpr absl::Duration kStep = absl::Seconds(200);
  for (int i = 1; i <= 9; ++i) {
    guesses.push_back(i * kStep);
    guesses.push_back(-i * kStep);
  }
  for (int hour = 1; hour <= 14; ++hour) {
    guesses.push_back(absl::Hours(hour));
    guesses.push_back(-absl::Hours(hour));
  }
  return guesses;
}

}  // namespace

Finding ClockFinding(absl::Duration operator_ahead) {
  const absl::Duration off = absl::AbsDuration(operator_ahead);
  if (off < absl::Seconds(1)) {
    return {Severity::kOk, kCheck, "this host's clock and the operator's agree within a second", "",
            ""};
  }
  const std::string text = absl::StrCat(
      "this host's clock is ",
      absl::FormatDuration(absl::Floor(off + absl::Milliseconds(500), absl::Seconds(1))),
      operator_ahead > absl::ZeroDuration() ? " behind" : " ahead of", " the operator's");
  if (off > kClockError) {
    return {Severity::kError, kCheck,
            absl::StrCat(text, "; beyond two minutes the operator answers \"Invalid timestamp\""),
            kFix, ""};
  }
  if (off > kClockWarning) {
    return {Severity::kWarning, kCheck,
            absl::StrCat(text,
                         "; beyond a minute the operator may reject calls (\"Invalid timestamp\")"),
            kFix, ""};
  }
  return {Severity::kOk, kCheck, text, "", ""};
}

Finding UnknownClockFinding() {
  return {
      Severity::kError, kCheck,
      "the operator answers \"Invalid timestamp\", but the offset of this host's clock cannot be "
      "determined: it is more than half an hour and not whole hours, or other calls fail",
      kFix, ""};
}

absl::optional<OperatorCalls::Generated> FindClock(OperatorCalls& calls,
                                                   absl::string_view email_hash) {
  for (const absl::Duration guess : Guesses()) {
    calls.CorrectClock(guess);
    OperatorCalls::Generated generated = calls.Generate(email_hash);
    if (generated.operator_ahead.has_value()) {
      calls.CorrectClock(*generated.operator_ahead);
      return generated;
    }
    if (ReasonOf(generated.reply.status()) != identity::v1::CLOCK_SKEW) break;
  }
  calls.CorrectClock(absl::ZeroDuration());
  return absl::nullopt;
}

}  // namespace uid2::doctor
