// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_OPERATOR_CALLS_H_
#define CLIENT_DOCTOR_OPERATOR_CALLS_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/clock.h"
#include "server/http/http_client_options.h"
#include "server/http/http_transport.h"
#include "server/http/tls/trust_store.h"
#include "server/identity/scope.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/token_api.h"

namespace uid2::doctor {

// Calls an operator with the server's own code, and keeps what the server does not need: the HTTP
// status and the times. Unlike the server, it does not correct its time by the operator's replies,
// so that it shows the effect of this host's clock. Blocking. Not thread-safe.
class OperatorCalls {
 public:
  // `clock` must outlive this.
  static absl::StatusOr<std::unique_ptr<OperatorCalls>> New(
      std::string operator_url, Scope scope, OperatorCredentialsPtr credentials,
      const HttpClientOptions& options, std::shared_ptr<const TrustStore> authorities,
      const Clock& clock);

  struct Generated {
    absl::StatusOr<TokenGenerateReply> reply;
    // 0 if there was no reply.
    int http_status = 0;
    absl::Duration took;
    // How far the operator's clock is ahead of this host's (negative: behind), according to the
    // time in its encrypted reply. Accurate to half the duration of the call.
    absl::optional<absl::Duration> operator_ahead;
  };

  // `email_hash` is base64.
  Generated Generate(absl::string_view email_hash);

  absl::StatusOr<TokenRefreshReply> Refresh(const Identity& identity);

  // From now on, requests carry this host's time plus `correction`.
  void CorrectClock(absl::Duration correction) {
    clock_.correction_ms_ = absl::ToInt64Milliseconds(correction);
  }

 private:
  // Must outlive every call's callback, and so must `clock`.
  class CorrectedClock : public Clock {
   public:
    explicit CorrectedClock(const Clock& clock) : clock_(clock) {}
    absl::Time Now() const override {
      return clock_.Now() + absl::Milliseconds(correction_ms_.load());
    }
    CallContext::TimePoint Steady() const override { return clock_.Steady(); }
    absl::Duration SinceBoot() const override { return clock_.SinceBoot(); }

    const Clock& clock_;
    // Read by the transport's thread.
    std::atomic<int64_t> correction_ms_ = 0;
  };

  // Forwards requests and keeps the last request and reply.
  class Recorder : public HttpClient {
   public:
    explicit Recorder(HttpClient& http) : http_(http) {}
    void Post(HttpRequest request, CallContext& context, Callback done) override;

    HttpClient& http_;
    std::string request_;
    // Written before the call's callback runs; safe to read after it has run.
    HttpReply reply_;
  };

  OperatorCalls(std::string operator_url, Scope scope, OperatorCredentialsPtr credentials,
                std::unique_ptr<HttpTransport> http, absl::Duration timeout, const Clock& clock);

  // Makes one attempt, which knows nothing from earlier ones, and waits for its result.
  template <typename Request>
  absl::StatusOr<typename Request::Reply> Call(const Request& request);

  // The operator's time in the last reply, if the reply can be decrypted.
  absl::optional<absl::Time> OperatorTime() const;

  const std::string operator_url_;
  const Scope scope_;
  const OperatorCredentialsPtr credentials_;
  CorrectedClock clock_;
  const absl::Duration timeout_;
  const std::unique_ptr<HttpTransport> http_;
  Recorder recorder_;
};

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_OPERATOR_CALLS_H_
