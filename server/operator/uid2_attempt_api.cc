// SPDX-License-Identifier: Apache-2.0

#include "server/operator/uid2_attempt_api.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/variant.h"
#include "server/call/call_arena.h"
#include "server/call/call_trace.h"
#include "server/crypto/base64.h"
#include "server/identity/page_json.h"
#include "server/operator/classification.h"
#include "server/operator/envelope.h"
#include "server/operator/http_date.h"
#include "server/operator/provocation.h"
#include "server/operator/time_left.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

constexpr absl::string_view kGeneratePath = "/v2/token/generate";
constexpr absl::string_view kRefreshPath = "/v2/token/refresh";

// The identifier comes first and there is no white space, as in all published examples.
std::string ToJson(const TokenGenerateRequest& request) {
  std::string consent;
  if (!request.tcf_consent_string.empty()) {
    PageJsonWriter json;
    json.String(request.tcf_consent_string);
    consent = absl::StrCat(R"(,"tcf_consent_string":)", json.Take());
  }
  const bool email = request.kind == TokenGenerateRequest::Kind::kEmailHash;
  // Base64 needs no escapes.
  return absl::StrCat(email ? R"({"email_hash":")" : R"({"phone_hash":")", request.hash, "\"",
                      consent, "}");
}

// A request that was posted.
struct PostedGenerate {
  using Reply = TokenGenerateReply;

  const TokenGenerateRequest& request;
  OperatorCredentialsPtr credentials;
  CallContext& context;
  std::string nonce;
  OperatorClock::Stamp stamp;
  AttemptApi::Callback<Reply> done;
};

struct PostedRefresh {
  using Reply = TokenRefreshReply;

  const TokenRefreshRequest& request;
  CallContext& context;
  absl::Duration sent;
  AttemptApi::Callback<Reply> done;
};

// Tells the result of an attempt, after which what it kept must not exist any more.
template <typename Posted>
void End(CallArena::Ptr<Posted> posted, AttemptResult<typename Posted::Reply>&& result) {
  AttemptApi::Callback<typename Posted::Reply> done = std::move(posted->done);
  posted.reset();
  std::move(done)(std::move(result));
}

// The request could not be made.
AttemptFailure NotSent(const absl::Status& status) {
  return {.kind = FailureKind::kNotSent, .message = std::string(status.message())};
}

AttemptFailure ReplyInvalid(const absl::Status& status) {
  return {.kind = FailureKind::kRejected,
          .reason = identity::v1::OPERATOR_REPLY_INVALID,
          .message = absl::StrCat("cannot read the operator's reply: ", status.message())};
}

// Whether this can be a sealed reply, whatever the key.
bool IsSealed(absl::string_view body) {
  const absl::optional<std::string> bytes = DecodeBase64(body);
  return bytes.has_value() && bytes->size() >= AesGcm::kOverhead;
}

// Whether `kept` refers to `credentials`. Compares owners, because the address of credentials that
// no longer exist may be in use again.
bool IsSame(const std::weak_ptr<const OperatorCredentials>& kept,
            const OperatorCredentialsPtr& credentials) {
  return !kept.owner_before(credentials) && !credentials.owner_before(kept);
}

// Notes for the log what has become of an attempt.
void Trace(const HttpResult& result, CallTrace& trace) {
  const auto* const reply = absl::get_if<HttpReply>(&result);
  ++trace.attempts;
  trace.http_status = reply == nullptr ? 0 : reply->status;
  trace.peer = reply == nullptr ? absl::get<HttpFailure>(result).peer : reply->peer;
}

AttemptFailure TransportFailure(const HttpFailure& failure) {
  const absl::Status& status = failure.status;
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return {.kind = FailureKind::kCancelled, .message = std::string(status.message())};
    case absl::StatusCode::kDeadlineExceeded:
      return TimeoutFailure(/*callers_deadline_passed=*/false);
    case absl::StatusCode::kResourceExhausted:
      return ReplyInvalid(status);
    case absl::StatusCode::kUnavailable:
      return {
          .kind = failure.certificate_fault ? FailureKind::kCertificate : FailureKind::kUnreachable,
          .reason = identity::v1::OPERATOR_UNREACHABLE,
          .message = absl::StrCat("cannot reach the operator: ", status.message())};
    default:
      return {.kind = FailureKind::kNotSent,
              .reason = identity::v1::OPERATOR_PROTOCOL,
              .message = absl::StrCat("cannot send a request to the operator: ", status.message())};
  }
}

}  // namespace

Uid2AttemptApi::Uid2AttemptApi(absl::string_view operator_url, Scope scope,
                               absl::string_view client_version, HttpClient& http,
                               OperatorClock& clock, const HttpTargetMetrics& metrics)
    : operator_url_(absl::StripSuffix(operator_url, "/")),
      scope_(scope),
      client_version_(client_version),
      http_(http),
      clock_(clock),
      metrics_(metrics) {}

void Uid2AttemptApi::Send(const TokenGenerateRequest& request,
                          const OperatorCredentialsPtr& credentials, CallContext& context,
                          Callback<TokenGenerateReply> done) {
  absl::StatusOr<EnvelopeNonces> nonces = EnvelopeNonces::Generate();
  if (!nonces.ok()) return std::move(done)(NotSent(nonces.status()));
  const OperatorClock::Stamp stamp = clock_.NewStamp();
  absl::StatusOr<std::string> envelope =
      SealRequest(credentials->client_secret(), ToJson(request), stamp.time, *nonces);
  if (!envelope.ok()) return std::move(done)(NotSent(envelope.status()));

  auto posted = context.arena().Make<PostedGenerate>(
      request, credentials, context, std::move(nonces->nonce), stamp, std::move(done));
  http_.Post({TargetFor(credentials, &Targets::generate), *std::move(envelope)}, context,
             [this, posted = std::move(posted)](const HttpResult& result) mutable {
               CallTrace& trace = posted->context.trace();
               Trace(result, trace);
               if (const auto* const failure = absl::get_if<HttpFailure>(&result)) {
                 return End(std::move(posted), TransportFailure(*failure));
               }
               AttemptResult<TokenGenerateReply> reply = ReadGenerateReply(
                   posted->request, absl::get<HttpReply>(result),
                   posted->credentials->client_secret(), posted->nonce, posted->stamp);
               CheckScope(reply, trace);
               End(std::move(posted), std::move(reply));
             });
}

void Uid2AttemptApi::Send(const TokenRefreshRequest& request,
                          const OperatorCredentialsPtr& credentials, CallContext& context,
                          Callback<TokenRefreshReply> done) {
  // With one character more than the token, the operator would treat it as an old, unsealed one.
  std::string body(absl::StripAsciiWhitespace(request.refresh_token));
  auto posted = context.arena().Make<PostedRefresh>(request, context, clock_.NewStamp().since_boot,
                                                    std::move(done));
  http_.Post({TargetFor(credentials, &Targets::refresh), std::move(body)}, context,
             [this, posted = std::move(posted)](const HttpResult& result) mutable {
               Trace(result, posted->context.trace());
               if (const auto* const failure = absl::get_if<HttpFailure>(&result)) {
                 return End(std::move(posted), TransportFailure(*failure));
               }
               AttemptResult<TokenRefreshReply> reply =
                   ReadRefreshReply(posted->request, absl::get<HttpReply>(result), posted->sent);
               End(std::move(posted), std::move(reply));
             });
}

void Uid2AttemptApi::CheckScope(const AttemptResult<TokenGenerateReply>& result,
                                CallTrace& trace) const {
  const auto* const reply = absl::get_if<TokenGenerateReply>(&result);
  if (reply == nullptr || !reply->identity.has_value()) return;
  const Scope issued = ScopeOfAdvertisingToken(reply->identity->advertising_token).value_or(scope_);
  if (issued == scope_) return;
  trace.detail = absl::StrCat("the operator issues identities of ", NameOf(issued),
                              ", but the participant's scope is ", NameOf(scope_),
                              ": correct scope or operator_url");
}

std::shared_ptr<const HttpTarget> Uid2AttemptApi::TargetFor(
    const OperatorCredentialsPtr& credentials, std::shared_ptr<const HttpTarget> Targets::*which) {
  absl::MutexLock lock(&mutex_);
  if (!IsSame(targets_.credentials, credentials)) {
    targets_ = {credentials, MakeTarget(kGeneratePath, *credentials),
                MakeTarget(kRefreshPath, *credentials)};
  }
  return targets_.*which;
}

std::shared_ptr<const HttpTarget> Uid2AttemptApi::MakeTarget(
    absl::string_view path, const OperatorCredentials& credentials) const {
  auto target = std::make_shared<HttpTarget>();
  target->url = absl::StrCat(operator_url_, path);
  // Sent with a refresh, too: only a caller that the operator knows is told whether a token is
  // expired or invalid.
  target->secret_header = credentials.authorization();
  target->headers = {
      absl::StrCat("X-UID2-Client-Version: ", client_version_),
      // Exactly this value: with a charset or another type, some intermediaries read the body as a
      // form.
      "Content-Type: text/plain",
  };
  target->metrics = metrics_;
  return target;
}

AttemptResult<TokenGenerateReply> Uid2AttemptApi::ReadGenerateReply(
    const TokenGenerateRequest& request, const HttpReply& reply, const AesGcm& client_secret,
    absl::string_view nonce, const OperatorClock::Stamp& stamp) const {
  if (reply.status != 200) return ReadGenerateFailure(request, reply, stamp);
  const absl::StatusOr<OpenedReply> opened = OpenGenerateReply(client_secret, nonce, reply.body);
  if (!opened.ok()) return ReplyInvalid(opened.status());
  clock_.LearnSealed(opened->operator_time, stamp.since_boot);
  return ClassifyGenerateReply(opened->json);
}

AttemptFailure Uid2AttemptApi::ReadGenerateFailure(const TokenGenerateRequest& request,
                                                   const HttpReply& reply,
                                                   const OperatorClock::Stamp& stamp) const {
  const absl::optional<absl::Time> date = ParseHttpDate(reply.date);
  AttemptFailure failure = ClassifyGenerateFailure(reply, date.value_or(clock_.Now()));
  if (failure.kind == FailureKind::kServerError) {
    failure.kind = ServerErrorKind(scope_, request, reply);
  }
  if (failure.reason == identity::v1::CLOCK_SKEW) {
    if (clock_.LearnRejection(stamp, date)) failure.kind = FailureKind::kTimestampRejected;
  } else if (date.has_value()) {
    clock_.LearnDate(*date, stamp.since_boot);
  }
  return failure;
}

AttemptResult<TokenRefreshReply> Uid2AttemptApi::ReadRefreshReply(
    const TokenRefreshRequest& request, const HttpReply& reply, absl::Duration sent) const {
  const absl::optional<absl::Time> date = ParseHttpDate(reply.date);
  if (date.has_value()) clock_.LearnDate(*date, sent);
  if (reply.status != 200) {
    AttemptResult<TokenRefreshReply> result =
        ClassifyRefreshFailure(reply, date.value_or(clock_.Now()));
    AttemptFailure* const failure = absl::get_if<AttemptFailure>(&result);
    if (failure != nullptr && failure->kind == FailureKind::kServerError) {
      failure->kind = ServerErrorKind(request);
    }
    return result;
  }
  const TokenRefreshReply not_opened = {TokenRefreshReply::Outcome::kReplyNotOpened, absl::nullopt};
  if (request.refresh_response_key.empty()) {
    if (IsSealed(reply.body)) return not_opened;
    return ClassifyRefreshReply(reply.body);
  }
  const absl::optional<std::string> key = DecodeBase64(request.refresh_response_key);
  if (!key.has_value()) {
    return AttemptFailure{.kind = FailureKind::kRejected,
                          .reason = identity::v1::IDENTITY_MALFORMED,
                          .message = "refresh_response_key is not base64",
                          .field = "identity_json"};
  }
  const absl::StatusOr<std::string> json = OpenRefreshReply(*key, reply.body);
  if (json.ok()) return ClassifyRefreshReply(*json);
  // Other JSON is no form of an operator's reply, so that no caller can have asked for it.
  const bool is_plain =
      absl::holds_alternative<TokenRefreshReply>(ClassifyRefreshReply(reply.body));
  if (IsSealed(reply.body) || is_plain) return not_opened;
  return ReplyInvalid(json.status());
}

}  // namespace uid2
