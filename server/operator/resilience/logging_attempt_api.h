// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_RESILIENCE_LOGGING_ATTEMPT_API_H_
#define SERVER_OPERATOR_RESILIENCE_LOGGING_ATTEMPT_API_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/call/clock.h"
#include "server/operator/attempt_api.h"
#include "server/telemetry/call_log.h"

namespace uid2 {

// Logs every attempt at one of a participant's operator addresses when it has ended.
class LoggingAttemptApi : public AttemptApi {
 public:
  // `next` makes the attempts. `participant` and `address` are the configured name and URL. `clock`
  // and `log` must outlive this object.
  LoggingAttemptApi(std::unique_ptr<AttemptApi> next, absl::string_view participant,
                    absl::string_view address, const Clock& clock, CallLog& log);

  void Send(const TokenGenerateRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenGenerateReply> done) override;
  void Send(const TokenRefreshRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenRefreshReply> done) override;

 private:
  template <typename Request>
  void SendAndLog(absl::string_view endpoint, const Request& request,
                  const OperatorCredentialsPtr& credentials, CallContext& context,
                  Callback<typename Request::Reply> done);

  // `failure` is null if the attempt succeeded.
  void Log(absl::string_view endpoint, const AttemptFailure* failure, const CallContext& context,
           CallContext::TimePoint begun) const;

  const std::unique_ptr<AttemptApi> next_;
  const std::string participant_;
  const std::string address_;
  const Clock& clock_;
  CallLog& log_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_RESILIENCE_LOGGING_ATTEMPT_API_H_
