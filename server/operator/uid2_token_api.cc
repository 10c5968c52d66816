#include "server/operator/uid2_token_api.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/crypto/base64.h"
#include "server/http/tls/certificate_fault.h"
#include "server/identity/json_writer.h"
#include "server/operator/classification.h"
#include "server/operator/envelope.h"
#include "server/operator/failure_kind.h"
#include "server/operator/http_date.h"
#include "server/operator/time_left.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

std::shared_ptr<const HttpTarget> MakeTarget(absl::string_view operator_url, absl::string_view path,
                                             absl::string_view api_key,
                                             absl::string_view client_version) {
  auto target = std::make_shared<HttpTarget>();
  target->url = absl::StrCat(absl::StripSuffix(operator_url, "/"), path);
  // The refresh sends the key as well: only a caller that it knows is told an expired token from
  // an invalid one by the operator.
  target->headers = {
      absl::StrCat("Authorization: Bearer ", api_key),
      absl::StrCat("X-UID2-Client-Version: ", client_version),
      // Exactly this: a charset behind it, or another type, is read as a form by some in between.
      "Content-Type: text/plain",
  };
  return target;
}

// The identifier comes first and there is no white space: the form of all published examples.
std::string ToJson(const TokenGenerateRequest& request) {
  JsonWriter json;
  json.Open('{');
  json.Key(request.kind == TokenGenerateRequest::Kind::kEmailHash ? "email_hash" : "phone_hash");
  json.String(request.hash);
  if (!request.tcf_consent_string.empty()) {
    json.Key("tcf_consent_string");
    json.String(request.tcf_consent_string);
  }
  json.Close('}');
  return json.Take();
}

absl::Status ReplyInvalid(const absl::Status& status) {
  return MakeError(identity::v1::OPERATOR_REPLY_INVALID,
                   absl::StrCat("the operator's reply was not understood: ", status.message()));
}

}  // namespace

Uid2TokenApi::Uid2TokenApi(absl::string_view operator_url, absl::string_view api_key,
                           absl::string_view client_version, std::unique_ptr<AesGcm> client_secret,
                           HttpClient& http, OperatorClock& clock)
    : generate_target_(MakeTarget(operator_url, "/v2/token/generate", api_key, client_version)),
      refresh_target_(MakeTarget(operator_url, "/v2/token/refresh", api_key, client_version)),
      client_secret_(std::move(client_secret)),
      http_(http),
      clock_(clock) {}

absl::StatusOr<std::unique_ptr<Uid2TokenApi>> Uid2TokenApi::New(absl::string_view operator_url,
                                                                const Credentials& credentials,
                                                                absl::string_view client_version,
                                                                HttpClient& http,
                                                                OperatorClock& clock) {
  absl::StatusOr<std::unique_ptr<AesGcm>> aead = AesGcm::New(credentials.client_secret.Reveal());
  if (!aead.ok()) return aead.status();
  return std::unique_ptr<Uid2TokenApi>(new Uid2TokenApi(
      operator_url, credentials.api_key.Reveal(), client_version, *std::move(aead), http, clock));
}

void Uid2TokenApi::Generate(TokenGenerateRequest request, CallContext& context,
                            Callback<TokenGenerateReply> done) {
  absl::StatusOr<EnvelopeNonces> nonces = EnvelopeNonces::Draw();
  if (!nonces.ok()) return std::move(done)(nonces.status());
  const OperatorClock::Stamp stamp = clock_.NewStamp();
  absl::StatusOr<std::string> envelope =
      SealRequest(*client_secret_, ToJson(request), stamp.time, *nonces);
  if (!envelope.ok()) return std::move(done)(envelope.status());

  http_.Post({generate_target_, *std::move(envelope)}, context,
             [this, nonce = std::move(nonces->nonce), stamp, &context,
              done = std::move(done)](absl::StatusOr<HttpReply> reply) mutable {
               if (!reply.ok()) return std::move(done)(ToOperatorError(reply.status(), context));
               std::move(done)(ReadGenerateReply(*reply, nonce, stamp));
             });
}

void Uid2TokenApi::Refresh(TokenRefreshRequest request, CallContext& context,
                           Callback<TokenRefreshReply> done) {
  // One character more than the token makes the operator take it for an old, unsealed one.
  std::string body(absl::StripAsciiWhitespace(request.refresh_token));
  http_.Post({refresh_target_, std::move(body)}, context,
             [this, key = std::move(request.refresh_response_key), sent = clock_.SinceBoot(),
              &context, done = std::move(done)](absl::StatusOr<HttpReply> reply) mutable {
               if (!reply.ok()) return std::move(done)(ToOperatorError(reply.status(), context));
               std::move(done)(ReadRefreshReply(*reply, key, sent));
             });
}

absl::Status Uid2TokenApi::ToOperatorError(const absl::Status& status,
                                           const CallContext& context) const {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return status;
    case absl::StatusCode::kDeadlineExceeded:
      return WithFailureKind(NoAnswerInTime(context, clock_.Steady()), FailureKind::kTimeout);
    case absl::StatusCode::kResourceExhausted:
      return ReplyInvalid(status);
    case absl::StatusCode::kUnavailable:
      return WithFailureKind(
          MakeError(identity::v1::OPERATOR_UNREACHABLE,
                    absl::StrCat("cannot reach the operator: ", status.message())),
          IsCertificateFault(status) ? FailureKind::kCertificate : FailureKind::kUnreachable);
    default:
      return MakeError(identity::v1::OPERATOR_PROTOCOL,
                       absl::StrCat("cannot ask the operator: ", status.message()));
  }
}

absl::StatusOr<TokenGenerateReply> Uid2TokenApi::ReadGenerateReply(
    const HttpReply& reply, absl::string_view nonce, const OperatorClock::Stamp& stamp) const {
  if (reply.status != 200) return ReadGenerateFailure(reply, stamp);
  const absl::StatusOr<OpenedReply> opened = OpenGenerateReply(*client_secret_, nonce, reply.body);
  if (!opened.ok()) return ReplyInvalid(opened.status());
  clock_.LearnSealed(opened->operator_time, stamp.since_boot);
  return ClassifyGenerateReply(opened->json);
}

absl::Status Uid2TokenApi::ReadGenerateFailure(const HttpReply& reply,
                                               const OperatorClock::Stamp& stamp) const {
  const absl::optional<absl::Time> date = ParseHttpDate(reply.date);
  const absl::Status failure = ClassifyGenerateFailure(reply, date.value_or(clock_.Now()));
  if (ReasonOf(failure) == identity::v1::CLOCK_SKEW) {
    if (!clock_.LearnRefusal(stamp, date)) return failure;
    return WithFailureKind(failure, FailureKind::kStampRefused);
  }
  if (date.has_value()) clock_.LearnDate(*date, stamp.since_boot);
  return failure;
}

absl::StatusOr<TokenRefreshReply> Uid2TokenApi::ReadRefreshReply(const HttpReply& reply,
                                                                 absl::string_view response_key,
                                                                 absl::Duration sent) const {
  const absl::optional<absl::Time> date = ParseHttpDate(reply.date);
  if (date.has_value()) clock_.LearnDate(*date, sent);
  if (reply.status != 200) return ClassifyRefreshFailure(reply, date.value_or(clock_.Now()));
  if (response_key.empty()) return ClassifyRefreshReply(reply.body);
  const absl::optional<std::string> key = DecodeBase64(response_key);
  if (!key.has_value()) {
    return MakeError(identity::v1::IDENTITY_MALFORMED, "refresh_response_key is not base64",
                     "identity_json");
  }
  const absl::StatusOr<std::string> json = OpenRefreshReply(*key, reply.body);
  if (absl::IsDataLoss(json.status())) {
    return TokenRefreshReply{TokenRefreshReply::Outcome::kReplyNotOpened, absl::nullopt};
  }
  if (!json.ok()) return ReplyInvalid(json.status());
  return ClassifyRefreshReply(*json);
}

}  // namespace uid2
