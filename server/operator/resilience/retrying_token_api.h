// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_
#define SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/call/clock.h"
#include "server/call/timers.h"
#include "server/operator/attempt_api.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/operator/resilience/address_ejection.h"
#include "server/operator/resilience/attempt_reporter.h"
#include "server/operator/resilience/reply_times.h"
#include "server/operator/resilience/retry_budget.h"
#include "server/operator/resilience/retry_policy.h"
#include "server/operator/token_api.h"
#include "server/telemetry/address_metrics.h"
#include "server/telemetry/call_log.h"
#include "server/telemetry/operator_metrics.h"

namespace uid2 {

// Retries failed attempts: DecideRetry() decides whether and when, AddressPicker picks the
// operator's address, and RetryBudget limits the total. The final error says how many attempts were
// made and why there was not another one.
//
// A call keeps the credentials that were current when it began, for all its attempts. Only if the
// operator rejects them, it makes one attempt with newer ones, if there are any. If its caller goes
// away while it waits for the next attempt, it ends immediately. An attempt at an address whose
// last attempts have failed leaves half of the call's time for an attempt at another one.
class RetryingTokenApi : public TokenApi {
 public:
  // An address may answer calls of one endpoint and fail those of the other.
  struct Address {
    std::unique_ptr<AttemptApi> attempts;
    AddressEjection& generate;
    AddressEjection& refresh;
    // As configured.
    std::string url;
    // Counts every attempt that is sent to the address, once it has ended.
    AddressMetrics metrics;
  };

  // What the calls of one participant share. Must outlive this object.
  struct Environment {
    // The participant's name, as configured.
    std::string participant;
    const OperatorCredentialsProvider& credentials;
    RetryBudget& budget;
    // For retries after errors that callers may have provoked with their own data, so that they
    // cannot use up `budget`.
    RetryBudget& provoked_budget;
    const ReplyTimes& reply_times;
    OperatorMetrics metrics;
    // Gets a record of every attempt that is counted.
    CallLog& log;
    Timers& timers;
    const Clock& clock;
    // Returns random numbers from [0, 1); thread-safe.
    std::function<double()> random_fraction;
  };

  // There must be at least one address; `addresses` are in order of preference.
  RetryingTokenApi(std::vector<Address> addresses, const RetryOptions& options,
                   Environment environment);

  void Generate(TokenGenerateRequest&& request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest&& request, CallContext& context,
               Callback<TokenRefreshReply> done) override;

 private:
  template <typename Request>
  class Call;

  // What belongs to one endpoint at each address.
  struct Endpoint {
    std::vector<AddressEjection*> ejections;
    std::vector<AttemptReporter> reporters;
  };

  template <typename Request>
  void Start(const Endpoint& endpoint, Request&& request, CallContext& context,
             Callback<typename Request::Reply> done);

  std::vector<std::unique_ptr<AttemptApi>> addresses_;
  Endpoint generate_;
  Endpoint refresh_;
  const RetryOptions options_;
  const Environment environment_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_RETRYING_TOKEN_API_H_
