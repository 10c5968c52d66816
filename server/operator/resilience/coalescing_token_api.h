#ifndef SERVER_OPERATOR_RESILIENCE_COALESCING_TOKEN_API_H_
#define SERVER_OPERATOR_RESILIENCE_COALESCING_TOKEN_API_H_

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "server/call/clock.h"
#include "server/call/timers.h"
#include "server/operator/resilience/shared_refreshes.h"
#include "server/operator/token_api.h"

namespace uid2 {

// Has concurrent refreshes of one identity share one operator call, which lives as long as the
// most patient of them; each leaves at its own deadline, or when its caller goes, without hurting
// the others. Page views of one user come in bursts.
//
// Generating is passed on: the operator makes a new identity each time.
class CoalescingTokenApi : public TokenApi {
 public:
  // `shared_refreshes` are the participant's, and may serve several of these. A refresh with less
  // than `min_time_left` left is neither begun nor joined. What is lent must outlive this object.
  CoalescingTokenApi(std::unique_ptr<TokenApi> next, SharedRefreshes& shared_refreshes,
                     Timers& timers, const Clock& clock, absl::Duration min_time_left)
      : next_(std::move(next)),
        shared_refreshes_(shared_refreshes),
        timers_(timers),
        clock_(clock),
        min_time_left_(min_time_left) {}

  void Generate(TokenGenerateRequest request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest request, CallContext& context,
               Callback<TokenRefreshReply> done) override;

 private:
  const std::unique_ptr<TokenApi> next_;
  SharedRefreshes& shared_refreshes_;
  Timers& timers_;
  const Clock& clock_;
  const absl::Duration min_time_left_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_COALESCING_TOKEN_API_H_
