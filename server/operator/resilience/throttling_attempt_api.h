// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_THROTTLING_ATTEMPT_API_H_
#define SERVER_OPERATOR_RESILIENCE_THROTTLING_ATTEMPT_API_H_

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "server/call/clock.h"
#include "server/operator/attempt_api.h"
#include "server/operator/resilience/attempt_outcome.h"
#include "server/operator/resilience/reply_times.h"
#include "server/operator/resilience/throttle.h"

namespace uid2 {

// Asks the Throttle of the address's endpoint for a permit before each attempt and reports the
// attempt's outcome to it. Without a permit, an attempt fails at once with
// OPERATOR_CALLS_SUSPENDED, FailureKind::kSuspended and the time to wait.
class ThrottlingAttemptApi : public AttemptApi {
 public:
  // `next` makes the attempts. `random_fraction` returns random numbers from [0, 1) and is called
  // from many threads. The throttles, `reply_times`, which learns from the attempts, and `clock`
  // must outlive this object.
  ThrottlingAttemptApi(std::unique_ptr<AttemptApi> next, Throttle& generate, Throttle& refresh,
                       ReplyTimes& reply_times, const Clock& clock,
                       std::function<double()> random_fraction);

  void Send(const TokenGenerateRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenGenerateReply> done) override;
  void Send(const TokenRefreshRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenRefreshReply> done) override;

 private:
  template <typename Request>
  void SendIfPermitted(Throttle& throttle, const Request& request,
                       const OperatorCredentialsPtr& credentials, CallContext& context,
                       Callback<typename Request::Reply> done);

  void Report(Throttle& throttle, const Throttle::Permit& permit, const AttemptVerdict& verdict,
              CallContext::TimePoint begun, CallContext::TimePoint now);

  const std::unique_ptr<AttemptApi> next_;
  Throttle& generate_;
  Throttle& refresh_;
  ReplyTimes& reply_times_;
  const Clock& clock_;
  const std::function<double()> random_fraction_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_THROTTLING_ATTEMPT_API_H_
