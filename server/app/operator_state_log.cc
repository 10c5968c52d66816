// SPDX-License-Identifier: Apache-2.0

#include "server/app/operator_state_log.h"

#include "absl/strings/str_cat.h"
#include "server/operator/operator_clock.h"
#include "server/status/reason.h"

namespace uid2 {

OperatorStateLog::OperatorStateLog(absl::string_view participant, absl::string_view url,
                                   bool has_other_address, EventLog& log)
    : prefix_(absl::StrCat("participant ", participant, ": operator ", url, " ")),
      has_other_address_(has_other_address),
      log_(log) {}

void OperatorStateLog::ThrottlingChanged(absl::string_view endpoint, bool throttling) {
  if (throttling) {
    Write(Severity::kWarning,
          absl::StrCat("fails most calls of ", endpoint, ": most are suspended"));
  } else {
    Write(Severity::kInfo, absl::StrCat("answers again: all calls of ", endpoint, " are sent"));
  }
}

void OperatorStateLog::EjectionChanged(absl::string_view endpoint, bool ejected) {
  if (!has_other_address_) return;
  if (ejected) {
    Write(Severity::kWarning,
          absl::StrCat("fails ", endpoint, ": it is ejected, and calls go to the next address"));
  } else {
    Write(Severity::kInfo, absl::StrCat("has recovered: ", endpoint, " goes to it again"));
  }
}

void OperatorStateLog::ClockOffsetChanged(absl::Duration offset) {
  if (absl::AbsDuration(offset) < OperatorClock::kMinOffsetChange) {
    return Write(Severity::kInfo, "and this host agree on the time again");
  }
  Write(Severity::kWarning,
        absl::StrCat("has a clock ", absl::ToInt64Seconds(absl::AbsDuration(offset)), " s ",
                     offset > absl::ZeroDuration() ? "ahead of" : "behind",
                     " this host's; set the host's clock, preferably by NTP"));
}

void OperatorStateLog::ProbeResultChanged(const absl::Status& status) {
  if (status.ok()) return Write(Severity::kInfo, "passes the synthetic probe again");
  const Reason reason = ReasonOf(status);
  const std::string name = reason == identity::v1::ERROR_REASON_UNSPECIFIED
                               ? absl::StatusCodeToString(status.code())
                               : identity::v1::ErrorReason_Name(reason);
  Write(Severity::kWarning,
        absl::StrCat("fails the synthetic probe: ", name, ": ", status.message()));
}

void OperatorStateLog::Write(Severity severity, absl::string_view what) {
  log_.Event(severity, absl::StrCat(prefix_, what));
}

}  // namespace uid2
