#ifndef SERVER_APP_OPERATOR_WATCH_H_
#define SERVER_APP_OPERATOR_WATCH_H_

#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/app/participant_state.h"
#include "server/call/clock.h"
#include "server/telemetry/event_log.h"

namespace uid2 {

// Looks at each operator address from time to time and says in the log what has changed: whether
// calls to it are suspended, whether it rests, and how far its clock is off. One thread at a time.
class OperatorWatch {
 public:
  // An offset that has changed by less is no news.
  static constexpr absl::Duration kNewsworthy = absl::Seconds(10);

  // All must outlive this.
  OperatorWatch(std::deque<ParticipantState>& participants, const Clock& clock, EventLog& log);

  void Look();

 private:
  struct Seen {
    const ParticipantState* participant;
    AddressState* address;
    bool suspended = false;
    bool rests = false;
    absl::Duration offset;
  };

  void LookAt(Seen& seen);
  void SayOffset(const Seen& seen);
  void Say(const Seen& seen, Severity severity, absl::string_view what);

  const Clock& clock_;
  EventLog& log_;
  std::vector<Seen> seen_;
};

}  // namespace uid2

#endif  // SERVER_APP_OPERATOR_WATCH_H_
