#ifndef SERVER_OPERATOR_RESILIENCE_THROTTLING_TOKEN_API_H_
#define SERVER_OPERATOR_RESILIENCE_THROTTLING_TOKEN_API_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/call/clock.h"
#include "server/operator/resilience/throttle.h"
#include "server/operator/token_api.h"

namespace uid2 {

// Asks an address's Throttle before each attempt and tells it what became of the attempt. One that
// is held back is answered at once: OPERATOR_CALLS_SUSPENDED with FailureKind::kSuspended and the
// time to wait.
class ThrottlingTokenApi : public TokenApi {
 public:
  // `next` makes the attempt, which takes at most `attempt_timeout`. `draw` gives random numbers
  // from [0, 1) and is called by many threads. `throttle` and `clock` must outlive this object.
  ThrottlingTokenApi(std::unique_ptr<TokenApi> next, Throttle& throttle, const Clock& clock,
                     absl::Duration attempt_timeout, std::function<double()> draw);

  void Generate(TokenGenerateRequest request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest request, CallContext& context,
               Callback<TokenRefreshReply> done) override;

 private:
  // `attempt` sends the request with the callback that it is given.
  template <typename Reply, typename Attempt>
  void Throttled(const CallContext& context, Callback<Reply> done, Attempt attempt);

  void Report(const Throttle::Ticket& ticket, const absl::Status& status,
              const CallContext& context, CallContext::TimePoint begun);

  const std::unique_ptr<TokenApi> next_;
  Throttle& throttle_;
  const Clock& clock_;
  const absl::Duration attempt_timeout_;
  const std::function<double()> draw_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_THROTTLING_TOKEN_API_H_
