// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/operator_calls.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/synchronization/notification.h"
#include "absl/types/variant.h"
#include "server/app/version.h"
#include "server/crypto/base64.h"
#include "server/http/transport_choice.h"
#include "server/operator/attempt_failure.h"
#include "server/operator/envelope.h"
#include "server/operator/operator_clock.h"
#include "server/operator/uid2_attempt_api.h"

namespace uid2::doctor {
namespace {

// The size of the timestamp at the start of a decrypted request.
constexpr size_t kTimeSize = 8;

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorCalls>> OperatorCalls::New(
    std::string operator_url, Scope scope, OperatorCredentialsPtr credentials,
    const HttpClientOptions& options, std::shared_ptr<const TrustStore> authorities,
    const Clock& clock) {
  HttpClientOptions once = options;
  once.retried = false;
  absl::StatusOr<std::unique_ptr<HttpTransport>> http =
      MakeHttpTransport(once, std::move(authorities));
  if (!http.ok()) return http.status();
  return absl::WrapUnique(new OperatorCalls(std::move(operator_url), scope, std::move(credentials),
                                            *std::move(http), options.request_timeout, clock));
}

OperatorCalls::OperatorCalls(std::string operator_url, Scope scope,
                             OperatorCredentialsPtr credentials,
                             std::unique_ptr<HttpTransport> http, absl::Duration timeout,
                             const Clock& clock)
    : operator_url_(std::move(operator_url)),
      scope_(scope),
      credentials_(std::move(credentials)),
      clock_(clock),
      timeout_(timeout),
      http_(std::move(http)),
      recorder_(*http_) {}

template <typename Request>
absl::StatusOr<typename Request::Reply> OperatorCalls::Call(const Request& request) {
  using Reply = typename Request::Reply;
  OperatorClock operator_clock(clock_);
  Uid2AttemptApi attempts(operator_url_, scope_, ClientVersion(), recorder_, operator_clock);
  CallContext context(clock_.Steady() + absl::ToChronoNanoseconds(timeout_));
  absl::StatusOr<Reply> reply = absl::UnknownError("");
  absl::Notification done;
  attempts.Send(request, credentials_, context, [&reply, &done](AttemptResult<Reply> result) {
    if (const AttemptFailure* const failure = FailureOf(result)) {
      reply = failure->ToStatus();
    } else {
      reply = absl::get<Reply>(std::move(result));
    }
    done.Notify();
  });
  done.WaitForNotification();
  return reply;
}

void OperatorCalls::Recorder::Post(HttpRequest request, CallContext& context, Callback done) {
  request_ = request.body;
  reply_ = HttpReply();
  http_.Post(std::move(request), context,
             [this, done = std::move(done)](HttpResult result) mutable {
               if (const auto* const reply = absl::get_if<HttpReply>(&result)) reply_ = *reply;
               std::move(done)(std::move(result));
             });
}

OperatorCalls::Generated OperatorCalls::Generate(absl::string_view email_hash) {
  TokenGenerateRequest request;
  request.hash = std::string(email_hash);
  const absl::Time sent = clock_.clock_.Now();
  const CallContext::TimePoint begin = clock_.Steady();
  Generated result;
  result.reply = Call(request);
  result.took = absl::FromChrono(clock_.Steady() - begin);
  result.http_status = recorder_.reply_.status;
  const absl::optional<absl::Time> operator_time = OperatorTime();
  if (operator_time.has_value()) result.operator_ahead = *operator_time - sent - result.took / 2;
  return result;
}

absl::StatusOr<TokenRefreshReply> OperatorCalls::Refresh(const Identity& identity) {
  return Call(TokenRefreshRequest{identity.refresh_token, identity.refresh_response_key});
}

absl::optional<absl::Time> OperatorCalls::OperatorTime() const {
  if (recorder_.reply_.status != 200) return absl::nullopt;
  // The nonce is in the encrypted request; envelope.h documents the layout.
  const absl::optional<std::string> envelope = DecodeBase64(recorder_.request_);
  if (!envelope.has_value() || envelope->empty()) return absl::nullopt;
  const absl::StatusOr<std::string> request =
      credentials_->client_secret().Open(envelope->substr(1));
  if (!request.ok() || request->size() < kTimeSize + EnvelopeNonces::kNonceSize) {
    return absl::nullopt;
  }
  const absl::StatusOr<OpenedReply> reply = OpenGenerateReply(
      credentials_->client_secret(), request->substr(kTimeSize, EnvelopeNonces::kNonceSize),
      recorder_.reply_.body);
  if (!reply.ok()) return absl::nullopt;
  return reply->operator_time;
}

}  // namespace uid2::doctor
