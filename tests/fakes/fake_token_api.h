// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_FAKE_TOKEN_API_H_
#define TESTS_FAKES_FAKE_TOKEN_API_H_

#include <atomic>
#include <utility>

#include "absl/status/statusor.h"
#include "server/operator/token_api.h"
#include "tests/fakes/pending_calls.h"

namespace uid2::testing {

// Keeps every call until the test answers it. Thread-safe.
class FakeTokenApi : public TokenApi {
 public:
  void Generate(TokenGenerateRequest&& request, CallContext& context,
                Callback<TokenGenerateReply> done) override {
    context_ = &context;
    generates_.Add(std::move(request), std::move(done));
  }

  void Refresh(TokenRefreshRequest&& request, CallContext& context,
               Callback<TokenRefreshReply> done) override {
    context_ = &context;
    refreshes_.Add(std::move(request), std::move(done));
  }

  // Each waits for a call, answers the oldest one and returns its request.
  TokenGenerateRequest AnswerGenerate(absl::StatusOr<TokenGenerateReply> reply) {
    return generates_.Answer(std::move(reply));
  }
  TokenRefreshRequest AnswerRefresh(absl::StatusOr<TokenRefreshReply> reply) {
    return refreshes_.Answer(std::move(reply));
  }

  // Waits for a call and leaves it unanswered.
  void AwaitGenerate() const { generates_.Await(); }

  // The context of the latest call, which must not have been destroyed.
  CallContext& context() const { return *context_; }

  size_t pending() const { return generates_.size() + refreshes_.size(); }

  bool idle() const { return pending() == 0; }

 private:
  PendingCalls<TokenGenerateRequest, absl::StatusOr<TokenGenerateReply>> generates_;
  PendingCalls<TokenRefreshRequest, absl::StatusOr<TokenRefreshReply>> refreshes_;
  std::atomic<CallContext*> context_ = nullptr;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_FAKE_TOKEN_API_H_
