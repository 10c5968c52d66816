#ifndef SERVER_OPERATOR_RESILIENCE_COALESCING_TOKEN_API_H_
#define SERVER_OPERATOR_RESILIENCE_COALESCING_TOKEN_API_H_

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "server/call/clock.h"
#include "server/call/timers.h"
#include "server/operator/resilience/refresh_flights.h"
#include "server/operator/token_api.h"

namespace uid2 {

// Has concurrent refreshes of one identity share one operator call, which lives as long as the
// most patient of them; each leaves at its own deadline, or when its caller goes, without hurting
// the others. Page views of one user come in bursts.
//
// Generating is passed on: the operator makes a new identity each time.
class CoalescingTokenApi : public TokenApi {
 public:
  // `flights` are the participant's, and may serve several of these. A refresh with less than
  // `least_time` left is neither begun nor joined. What is lent must outlive this object.
  CoalescingTokenApi(std::unique_ptr<TokenApi> next, RefreshFlights& flights, Timers& timers,
                     const Clock& clock, absl::Duration least_time)
      : next_(std::move(next)),
        flights_(flights),
        timers_(timers),
        clock_(clock),
        least_time_(least_time) {}

  void Generate(TokenGenerateRequest request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest request, CallContext& context,
               Callback<TokenRefreshReply> done) override;

 private:
  const std::unique_ptr<TokenApi> next_;
  RefreshFlights& flights_;
  Timers& timers_;
  const Clock& clock_;
  const absl::Duration least_time_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_COALESCING_TOKEN_API_H_
