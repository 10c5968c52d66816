// SPDX-License-Identifier: Apache-2.0

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

// Makes concurrent refreshes of one identity share one operator call, because page views of one
// user come in bursts. The call runs until the latest of their deadlines. Each refresh leaves at
// its own deadline, or when its caller goes away, without affecting the others.
//
// Generate() is passed on, because the operator creates a new identity each time.
class CoalescingTokenApi : public TokenApi {
 public:
  // `shared_refreshes` belongs to the participant, and several of these objects may use it. A
  // refresh whose deadline is less than `min_time_left` away fails without a call. All references
  // must outlive this object.
  CoalescingTokenApi(std::unique_ptr<TokenApi> next, SharedRefreshes& shared_refreshes,
                     Timers& timers, const Clock& clock, absl::Duration min_time_left)
      : next_(std::move(next)),
        shared_refreshes_(shared_refreshes),
        timers_(timers),
        clock_(clock),
        min_time_left_(min_time_left) {}

  void Generate(TokenGenerateRequest&& request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest&& request, CallContext& context,
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
