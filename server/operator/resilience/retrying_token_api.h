#ifndef SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_
#define SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "server/call/clock.h"
#include "server/call/timers.h"
#include "server/operator/operator_counts.h"
#include "server/operator/resilience/address_rest.h"
#include "server/operator/resilience/retry_budget.h"
#include "server/operator/resilience/retry_policy.h"
#include "server/operator/token_api.h"

namespace uid2 {

// Makes several attempts at a call, at several addresses of the operator if there are, as
// DecideRetry() and AddressChoice say and as far as the budget lasts. The final error says how
// many attempts were made and why there was not another one.
//
// A caller that goes while its call waits for the next attempt is answered at once.
class RetryingTokenApi : public TokenApi {
 public:
  // Where attempts go: each call of `token_api` is one attempt.
  struct Address {
    std::unique_ptr<TokenApi> token_api;
    AddressRest& rest;
  };

  // Shared by all whose budget it is; outlives them.
  struct Environment {
    RetryBudget& budget;
    OperatorCounts& counts;
    Timers& timers;
    const Clock& clock;
    // Random numbers from [0, 1); thread-safe.
    std::function<double()> draw;
  };

  // `addresses`, in order of preference, are at least one. An attempt takes at most
  // `attempt_timeout`.
  RetryingTokenApi(std::vector<Address> addresses, const RetryOptions& options,
                   absl::Duration attempt_timeout, Environment environment);

  void Generate(TokenGenerateRequest request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest request, CallContext& context,
               Callback<TokenRefreshReply> done) override;

 private:
  template <typename Request, typename Reply>
  class Call;

  std::vector<std::unique_ptr<TokenApi>> token_apis_;
  std::vector<AddressRest*> rests_;
  const RetryOptions options_;
  const absl::Duration attempt_timeout_;
  const Environment environment_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_
