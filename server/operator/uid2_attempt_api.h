// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_UID2_ATTEMPT_API_H_
#define SERVER_OPERATOR_UID2_ATTEMPT_API_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/call/call_trace.h"
#include "server/crypto/aes_gcm.h"
#include "server/http/http_client.h"
#include "server/identity/scope.h"
#include "server/operator/attempt_api.h"
#include "server/operator/operator_clock.h"
#include "server/telemetry/http_target_metrics.h"

namespace uid2 {

// Makes attempts with the HTTP API of a UID2 or EUID operator:
//
//   seal an envelope -> POST -> classify -> open -> check the nonce -> parse
//
// A rejected timestamp is FailureKind::kTimestampRejected only if another attempt would carry a
// better one.
class Uid2AttemptApi : public AttemptApi {
 public:
  // `operator_url` is the base URL, such as "https://prod.uidapi.com"; `client_version` is the
  // value of the header X-UID2-Client-Version. `clock` belongs to this URL; objects with the same
  // URL share it. It stamps requests and learns from replies. `http` and `clock` must outlive this
  // object. The HTTP requests are counted in `metrics`; attempts are not counted here.
  Uid2AttemptApi(absl::string_view operator_url, Scope scope, absl::string_view client_version,
                 HttpClient& http, OperatorClock& clock, const HttpTargetMetrics& metrics = {});

  void Send(const TokenGenerateRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenGenerateReply> done) override;
  void Send(const TokenRefreshRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenRefreshReply> done) override;

 private:
  // The HTTP client prepares a target's headers once, so that the API key costs nothing for each
  // request. New credentials get new targets.
  struct Targets {
    // Weak, because replaced credentials should be wiped when the last call that uses them ends,
    // whether or not there is a next attempt.
    std::weak_ptr<const OperatorCredentials> credentials;
    std::shared_ptr<const HttpTarget> generate;
    std::shared_ptr<const HttpTarget> refresh;
  };

  // Keeps the targets of the last attempt. So for a short time after a change of credentials, while
  // older calls are still being retried, some targets are created again.
  std::shared_ptr<const HttpTarget> TargetFor(const OperatorCredentialsPtr& credentials,
                                              std::shared_ptr<const HttpTarget> Targets::*which);
  std::shared_ptr<const HttpTarget> MakeTarget(absl::string_view path,
                                               const OperatorCredentials& credentials) const;

  AttemptResult<TokenGenerateReply> ReadGenerateReply(const TokenGenerateRequest& request,
                                                      const HttpReply& reply,
                                                      const AesGcm& client_secret,
                                                      absl::string_view nonce,
                                                      const OperatorClock::Stamp& stamp) const;
  // Notes for the log if the operator belongs to the other scope.
  void CheckScope(const AttemptResult<TokenGenerateReply>& result, CallTrace& trace) const;
  AttemptFailure ReadGenerateFailure(const TokenGenerateRequest& request, const HttpReply& reply,
                                     const OperatorClock::Stamp& stamp) const;
  // `sent` is the time since boot at which the request was sent.
  AttemptResult<TokenRefreshReply> ReadRefreshReply(const TokenRefreshRequest& request,
                                                    const HttpReply& reply,
                                                    absl::Duration sent) const;

  const std::string operator_url_;
  const Scope scope_;
  const std::string client_version_;
  HttpClient& http_;
  OperatorClock& clock_;
  const HttpTargetMetrics metrics_;
  absl::Mutex mutex_;
  Targets targets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_UID2_ATTEMPT_API_H_
