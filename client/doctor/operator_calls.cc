#include "client/doctor/operator_calls.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/synchronization/notification.h"
#include "server/app/version.h"
#include "server/crypto/base64.h"
#include "server/http/tls/trust_store.h"
#include "server/operator/envelope.h"
#include "server/operator/operator_clock.h"
#include "server/operator/uid2_token_api.h"

namespace uid2::doctor {
namespace {

// Of an opened request, in front of its JSON.
constexpr size_t kTimeSize = 8;

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorCalls>> OperatorCalls::New(
    std::string operator_url, const Credentials& credentials, const CurlHttpClientOptions& options,
    const std::string& ca_file, const Clock& clock) {
  absl::StatusOr<std::shared_ptr<const TrustStore>> authorities = TrustStore::Load(ca_file);
  if (!authorities.ok()) return authorities.status();
  absl::StatusOr<std::unique_ptr<CurlHttpClient>> http =
      CurlHttpClient::New(options, *std::move(authorities));
  if (!http.ok()) return http.status();
  absl::StatusOr<std::unique_ptr<AesGcm>> secret = AesGcm::New(credentials.client_secret.Reveal());
  if (!secret.ok()) return secret.status();
  return absl::WrapUnique(new OperatorCalls(std::move(operator_url), credentials, *std::move(http),
                                            *std::move(secret), options.request_timeout, clock));
}

OperatorCalls::OperatorCalls(std::string operator_url, const Credentials& credentials,
                             std::unique_ptr<CurlHttpClient> http,
                             std::unique_ptr<AesGcm> client_secret, absl::Duration timeout,
                             const Clock& clock)
    : operator_url_(std::move(operator_url)),
      credentials_(credentials),
      clock_(clock),
      timeout_(timeout),
      client_secret_(std::move(client_secret)),
      http_(std::move(http)),
      recorder_(*http_) {}

template <typename Reply, typename Start>
absl::StatusOr<Reply> OperatorCalls::Call(Start start) {
  OperatorClock operator_clock(clock_);
  const absl::StatusOr<std::unique_ptr<Uid2TokenApi>> token_api =
      Uid2TokenApi::New(operator_url_, credentials_, kClientVersion, recorder_, operator_clock);
  if (!token_api.ok()) return token_api.status();
  CallContext context(clock_.Steady() + absl::ToChronoNanoseconds(timeout_));
  absl::StatusOr<Reply> result = absl::UnknownError("");
  absl::Notification done;
  start(**token_api, context, [&result, &done](absl::StatusOr<Reply> reply) {
    result = std::move(reply);
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}

void OperatorCalls::Recorder::Post(HttpRequest request, CallContext& context, Callback done) {
  request_ = request.body;
  reply_ = HttpReply();
  http_.Post(std::move(request), context,
             [this, done = std::move(done)](absl::StatusOr<HttpReply> reply) mutable {
               if (reply.ok()) reply_ = *reply;
               std::move(done)(std::move(reply));
             });
}

OperatorCalls::Generated OperatorCalls::Generate(absl::string_view email_hash) {
  TokenGenerateRequest request;
  request.hash = std::string(email_hash);
  const absl::Time sent = clock_.clock_.Now();
  const CallContext::TimePoint begin = clock_.Steady();
  Generated result;
  result.reply =
      Call<TokenGenerateReply>([&request](TokenApi& token_api, CallContext& context, auto done) {
        token_api.Generate(std::move(request), context, std::move(done));
      });
  result.took = absl::FromChrono(clock_.Steady() - begin);
  result.http_status = recorder_.reply_.status;
  const absl::optional<absl::Time> operator_time = OperatorTime();
  if (operator_time.has_value()) result.operator_ahead = *operator_time - sent - result.took / 2;
  return result;
}

absl::StatusOr<TokenRefreshReply> OperatorCalls::Refresh(const Identity& identity) {
  return Call<TokenRefreshReply>([&identity](TokenApi& token_api, CallContext& context, auto done) {
    token_api.Refresh({identity.refresh_token, identity.refresh_response_key}, context,
                      std::move(done));
  });
}

absl::optional<absl::Time> OperatorCalls::OperatorTime() const {
  if (recorder_.reply_.status != 200) return absl::nullopt;
  // The nonce is in the request that was sealed: envelope.h has the layout.
  const absl::optional<std::string> envelope = DecodeBase64(recorder_.request_);
  if (!envelope.has_value() || envelope->empty()) return absl::nullopt;
  const absl::StatusOr<std::string> request =
      client_secret_->Open(absl::string_view(*envelope).substr(1));
  if (!request.ok() || request->size() < kTimeSize + EnvelopeNonces::kNonceSize) {
    return absl::nullopt;
  }
  const absl::StatusOr<OpenedReply> reply =
      OpenGenerateReply(*client_secret_, request->substr(kTimeSize, EnvelopeNonces::kNonceSize),
                        recorder_.reply_.body);
  if (!reply.ok()) return absl::nullopt;
  return reply->operator_time;
}

}  // namespace uid2::doctor
