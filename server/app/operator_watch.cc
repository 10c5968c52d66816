#include "server/app/operator_watch.h"

#include "absl/strings/str_cat.h"

namespace uid2 {

OperatorWatch::OperatorWatch(std::deque<ParticipantState>& participants, const Clock& clock,
                             EventLog& log)
    : clock_(clock), log_(log) {
  for (ParticipantState& participant : participants) {
    for (AddressState& address : participant.addresses) {
      seen_.push_back({&participant, &address, false, false, absl::ZeroDuration()});
    }
  }
}

void OperatorWatch::Look() {
  for (Seen& seen : seen_) LookAt(seen);
}

void OperatorWatch::LookAt(Seen& seen) {
  const bool suspended = seen.address->throttle.rejection_probability(clock_.Steady()) > 0;
  if (suspended != seen.suspended) {
    seen.suspended = suspended;
    Say(seen, suspended ? Severity::kWarning : Severity::kInfo,
        suspended ? "fails most calls: most are suspended" : "answers again: all calls are sent");
  }
  // Of no consequence where there is no other to go to.
  const bool ejected = seen.participant->addresses.size() > 1 && seen.address->ejection.ejected();
  if (ejected != seen.ejected) {
    seen.ejected = ejected;
    Say(seen, ejected ? Severity::kWarning : Severity::kInfo,
        ejected ? "fails: it ejected, and calls go to the next address" : "is well again");
  }
  const absl::Duration offset = seen.address->clock.offset().value_or(absl::ZeroDuration());
  if (absl::AbsDuration(offset - seen.offset) >= kNewsworthy) {
    seen.offset = offset;
    SayOffset(seen);
  }
}

void OperatorWatch::SayOffset(const Seen& seen) {
  if (absl::AbsDuration(seen.offset) < kNewsworthy) {
    return Say(seen, Severity::kInfo, "and this host agree on the time again");
  }
  Say(seen, Severity::kWarning,
      absl::StrCat("has a clock ", absl::ToInt64Seconds(absl::AbsDuration(seen.offset)), " s ",
                   seen.offset > absl::ZeroDuration() ? "ahead of" : "behind",
                   " this host's; set the host's, by NTP at best"));
}

void OperatorWatch::Say(const Seen& seen, Severity severity, absl::string_view what) {
  log_.Event(severity, absl::StrCat("participant ", seen.participant->name, ": operator ",
                                    seen.address->url, " ", what));
}

}  // namespace uid2
