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
#include "server/crypto/aes_gcm.h"
#include "server/http/curl/curl_http_client.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/operator/token_api.h"
#include "server/secrets/credentials.h"

namespace uid2 {

// Calls an operator with the server's own code, and keeps what that code has no use for: HTTP
// status, times. Where the server corrects its time by the operator's replies, this does not: it
// shows what this host's clock leads to. Blocking; for one thread.
class OperatorCalls {
 public:
  // `credentials` and `clock` must outlive this.
  static absl::StatusOr<std::unique_ptr<OperatorCalls>> New(std::string operator_url,
                                                            const Credentials& credentials,
                                                            const CurlHttpClientOptions& options,
                                                            const Clock& clock);

  struct Generated {
    absl::StatusOr<TokenGenerateReply> reply;
    // 0: none came.
    int http_status = 0;
    absl::Duration took;
    // How far the operator's clock is ahead of this host's (negative: behind), from the time inside
    // its sealed reply, to half the time that the call took.
    absl::optional<absl::Duration> operator_ahead;
  };

  // `email_hash`: base64.
  Generated Generate(absl::string_view email_hash);

  absl::StatusOr<TokenRefreshReply> Refresh(const Identity& identity);

  // From now on requests are stamped with this host's time plus `correction`.
  void CorrectClock(absl::Duration correction) {
    clock_.correction_ms_ = absl::ToInt64Milliseconds(correction);
  }

 private:
  // Outlives every call's callback, as does what it is lent.
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

  // Passes requests on and keeps the last exchange.
  class Recorder : public HttpClient {
   public:
    explicit Recorder(HttpClient& http) : http_(http) {}
    void Post(HttpRequest request, CallContext& context, Callback done) override;

    HttpClient& http_;
    std::string request_;
    // Written before the call's callback runs, so that whoever waits for that may read it.
    HttpReply reply_;
  };

  OperatorCalls(std::string operator_url, const Credentials& credentials,
                std::unique_ptr<CurlHttpClient> http, std::unique_ptr<AesGcm> client_secret,
                absl::Duration timeout, const Clock& clock);

  // Makes one call by a TokenApi that has learnt nothing from the calls before, and waits for its
  // reply. `start` is given the TokenApi, the call's context and its callback.
  template <typename Reply, typename Start>
  absl::StatusOr<Reply> Call(Start start);

  // Of the last reply, where it opens.
  absl::optional<absl::Time> OperatorTime() const;

  const std::string operator_url_;
  const Credentials& credentials_;
  CorrectedClock clock_;
  const absl::Duration timeout_;
  const std::unique_ptr<AesGcm> client_secret_;
  const std::unique_ptr<CurlHttpClient> http_;
  Recorder recorder_;
};

}  // namespace uid2

#endif  // CLIENT_DOCTOR_OPERATOR_CALLS_H_
