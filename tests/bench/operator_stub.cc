// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/operator_stub.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/sample_identity.h"

namespace uid2::bench {
namespace {

constexpr size_t kRefreshTokenLength = 388;

std::string Reply(absl::string_view status, absl::string_view type, absl::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nvary: origin\r\nContent-Type: ", type,
                      "\r\ncontent-length: ", body.size(), "\r\n\r\n", body);
}

std::string Sealed(absl::string_view body) { return Reply("200 OK", "text/plain", body); }

std::string ClientError(absl::string_view message) {
  return Reply("400 Bad Request", "application/json",
               absl::StrCat(R"({"message":")", message, R"(","status":"client_error"})"));
}

}  // namespace

OperatorStub::OperatorStub(const Credentials& credentials)
    : authorization_(absl::StrCat("Bearer ", credentials.api_key)),
      envelope_(credentials.client_secret),
      refresh_envelope_(SampleRefreshResponseKey()) {}

std::string OperatorStub::Answer(const OperatorRequest& request) {
  if (request.path == "/v2/token/generate") return Generate(request);
  if (request.path == "/v2/token/refresh") return Refresh(request);
  return Reply("404 Not Found", "text/html", "<html><body><h1>Not Found</h1></body></html>");
}

std::string OperatorStub::Generate(const OperatorRequest& request) {
  if (request.authorization != authorization_) {
    return Reply("401 Unauthorized", "application/json", R"({"status":"unauthorized"})");
  }
  const absl::optional<OperatorEnvelope::Opened> opened = envelope_.OpenRequest(request.body);
  if (!opened) return ClientError("Invalid body: Check encryption key (ClientSecret).");
  const OperatorEnvelope::Nonce nonce = opened->nonce;
  const int64_t now_ms = absl::ToUnixMillis(absl::Now());
  return Sealed(envelope_.SealReply(now_ms, nonce, SuccessJson(now_ms)));
}

std::string OperatorStub::Refresh(const OperatorRequest& request) {
  if (request.body.size() != kRefreshTokenLength) {
    return Reply("400 Bad Request", "application/json", R"({"status":"invalid_token"})");
  }
  const int64_t now_ms = absl::ToUnixMillis(absl::Now());
  return Sealed(refresh_envelope_.SealRefreshReply(SuccessJson(now_ms)));
}

absl::string_view OperatorStub::SuccessJson(int64_t now_ms) {
  if (now_ms / 1000 != success_second_) {
    success_second_ = now_ms / 1000;
    success_ = absl::StrCat(R"({"body":)", SampleIdentityJson(now_ms), R"(,"status":"success"})");
  }
  return success_;
}

}  // namespace uid2::bench
