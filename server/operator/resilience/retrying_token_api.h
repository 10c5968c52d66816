// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_
#define SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "server/call/clock.h"
#include "server/call/timers.h"
#include "server/operator/attempt_api.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/operator/resilience/address_ejection.h"
#include "server/operator/resilience/retry_budget.h"
#include "server/operator/resilience/retry_policy.h"
#include "server/operator/token_api.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// Retries failed attempts: DecideRetry() decides whether and when, AddressPicker picks the
// operator's address, and RetryBudget limits the total. The final error says how many attempts were
// made and why there was not another one.
//
// A call keeps the credentials that were current when it began. If its caller goes away while it
// waits for the next attempt, it ends immediately.
class RetryingTokenApi : public TokenApi {
 public:
  struct Address {
    std::unique_ptr<AttemptApi> attempts;
    AddressEjection& ejection;
  };

  // What the calls of one participant share. Must outlive this object.
  struct Environment {
    const OperatorCredentialsProvider& credentials;
    RetryBudget& budget;
    OperatorMetrics metrics;
    Timers& timers;
    const Clock& clock;
    // Returns random numbers from [0, 1); thread-safe.
    std::function<double()> random_fraction;
  };

  // There must be at least one address; `addresses` are in order of preference. An attempt takes at
  // most `attempt_timeout`.
  RetryingTokenApi(std::vector<Address> addresses, const RetryOptions& options,
                   absl::Duration attempt_timeout, Environment environment);

  void Generate(TokenGenerateRequest request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest request, CallContext& context,
               Callback<TokenRefreshReply> done) override;

 private:
  template <typename Request>
  class Call;

  template <typename Request>
  void Start(Request request, CallContext& context, Callback<typename Request::Reply> done);

  std::vector<std::unique_ptr<AttemptApi>> addresses_;
  std::vector<AddressEjection*> ejections_;
  const RetryOptions options_;
  const absl::Duration attempt_timeout_;
  const Environment environment_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_
