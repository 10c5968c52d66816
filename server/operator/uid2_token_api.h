#ifndef SERVER_OPERATOR_UID2_TOKEN_API_H_
#define SERVER_OPERATOR_UID2_TOKEN_API_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/crypto/aes_gcm.h"
#include "server/http/http_client.h"
#include "server/operator/operator_clock.h"
#include "server/operator/token_api.h"
#include "server/secrets/credentials.h"

namespace uid2 {

// TokenApi over a UID2 or EUID operator's HTTP API: each call is one attempt at one request.
//
//   seal an envelope -> POST -> classify -> open -> check the nonce -> parse
//
// What decides whether to make a call at all, or to make it again, wraps this one. CLOCK_SKEW has
// FailureKind::kStampRefused where another attempt would be stamped with a better time.
class Uid2TokenApi : public TokenApi {
 public:
  // `operator_url` is the base URL, such as "https://prod.uidapi.com"; `client_version` goes into
  // the header X-UID2-Client-Version. `clock` is that of this URL, whoever calls it: requests are
  // stamped with it, and it learns from the replies. `http` and `clock` must outlive this object.
  // Fails only where the client secret is not an AES-256 key.
  static absl::StatusOr<std::unique_ptr<Uid2TokenApi>> New(absl::string_view operator_url,
                                                           const Credentials& credentials,
                                                           absl::string_view client_version,
                                                           HttpClient& http, OperatorClock& clock);

  void Generate(TokenGenerateRequest request, CallContext& context,
                Callback<TokenGenerateReply> done) override;
  void Refresh(TokenRefreshRequest request, CallContext& context,
               Callback<TokenRefreshReply> done) override;

 private:
  Uid2TokenApi(absl::string_view operator_url, absl::string_view api_key,
               absl::string_view client_version, std::unique_ptr<AesGcm> client_secret,
               HttpClient& http, OperatorClock& clock);

  // Gives a transport's failure its reason.
  absl::Status ToOperatorError(const absl::Status& status, const CallContext& context) const;
  absl::StatusOr<TokenGenerateReply> ReadGenerateReply(const HttpReply& reply,
                                                       absl::string_view nonce,
                                                       const OperatorClock::Stamp& stamp) const;
  absl::Status ReadGenerateFailure(const HttpReply& reply, const OperatorClock::Stamp& stamp) const;
  // `sent`: since boot.
  absl::StatusOr<TokenRefreshReply> ReadRefreshReply(const HttpReply& reply,
                                                     absl::string_view response_key,
                                                     absl::Duration sent) const;

  const std::shared_ptr<const HttpTarget> generate_target_;
  const std::shared_ptr<const HttpTarget> refresh_target_;
  const std::unique_ptr<AesGcm> client_secret_;
  HttpClient& http_;
  OperatorClock& clock_;
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_UID2_TOKEN_API_H_
