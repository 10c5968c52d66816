// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_FAKE_ATTEMPT_API_H_
#define TESTS_FAKES_FAKE_ATTEMPT_API_H_

#include <string>
#include <utility>

#include "server/operator/attempt_api.h"
#include "tests/fakes/pending_calls.h"

namespace uid2::testing {

// Credentials whose API key is `api_key`.
inline OperatorCredentialsPtr TestCredentials(const std::string& api_key = "the-key") {
  return *OperatorCredentials::New({Secret(std::string(api_key)), Secret(std::string(32, 's'))});
}

// Keeps every attempt until the test answers it. For use on one thread.
class FakeAttemptApi : public AttemptApi {
 public:
  void Send(const TokenGenerateRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenGenerateReply> done) override {
    Remember(credentials, context);
    generates_.Add(request, std::move(done));
  }

  void Send(const TokenRefreshRequest& request, const OperatorCredentialsPtr& credentials,
            CallContext& context, Callback<TokenRefreshReply> done) override {
    Remember(credentials, context);
    refreshes_.Add(request, std::move(done));
  }

  // Each answers the oldest attempt and returns its request.
  TokenGenerateRequest AnswerGenerate(AttemptResult<TokenGenerateReply> result) {
    return generates_.Answer(std::move(result));
  }
  TokenRefreshRequest AnswerRefresh(AttemptResult<TokenRefreshReply> result) {
    return refreshes_.Answer(std::move(result));
  }

  // Those of the latest attempt, whose context must not have been destroyed.
  CallContext& context() const { return *context_; }
  const OperatorCredentialsPtr& credentials() const { return credentials_; }

  size_t pending() const { return generates_.size() + refreshes_.size(); }

  bool idle() const { return pending() == 0; }

 private:
  void Remember(const OperatorCredentialsPtr& credentials, CallContext& context) {
    credentials_ = credentials;
    context_ = &context;
  }

  PendingCalls<TokenGenerateRequest, AttemptResult<TokenGenerateReply>> generates_;
  PendingCalls<TokenRefreshRequest, AttemptResult<TokenRefreshReply>> refreshes_;
  OperatorCredentialsPtr credentials_;
  CallContext* context_ = nullptr;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_FAKE_ATTEMPT_API_H_
