#ifndef TESTS_FAKES_FAKE_TOKEN_API_H_
#define TESTS_FAKES_FAKE_TOKEN_API_H_

#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/operator/token_api.h"

namespace uid2::testing {

// Keeps every call until the test answers it. Thread-safe.
class FakeTokenApi : public TokenApi {
 public:
  void Generate(TokenGenerateRequest request, CallContext& context,
                Callback<TokenGenerateReply> done) override {
    absl::MutexLock lock(&mutex_);
    generates_.emplace_back(std::move(request), std::move(done));
    context_ = &context;
  }

  void Refresh(TokenRefreshRequest request, CallContext& context,
               Callback<TokenRefreshReply> done) override {
    absl::MutexLock lock(&mutex_);
    refreshes_.emplace_back(std::move(request), std::move(done));
    context_ = &context;
  }

  // Wait for a call, answer the oldest one and return what it asked.
  TokenGenerateRequest AnswerGenerate(absl::StatusOr<TokenGenerateReply> reply) {
    return Answer(generates_, std::move(reply));
  }
  TokenRefreshRequest AnswerRefresh(absl::StatusOr<TokenRefreshReply> reply) {
    return Answer(refreshes_, std::move(reply));
  }

  // The context of the latest call, which must not be over.
  CallContext& context() const {
    absl::MutexLock lock(&mutex_);
    return *context_;
  }

  size_t pending() const {
    absl::MutexLock lock(&mutex_);
    return generates_.size() + refreshes_.size();
  }

  // Waits for a call and lets it wait on.
  void AwaitGenerate() const {
    absl::MutexLock lock(&mutex_);
    const auto arrived = [this] { return !generates_.empty(); };
    mutex_.Await(absl::Condition(&arrived));
  }

  // Whether no call waits for an answer.
  bool idle() const {
    absl::MutexLock lock(&mutex_);
    return generates_.empty() && refreshes_.empty();
  }

 private:
  template <typename Request, typename Reply>
  using Calls = std::deque<std::pair<Request, Callback<Reply>>>;

  template <typename Request, typename Reply>
  Request Answer(Calls<Request, Reply>& calls, absl::StatusOr<Reply> reply) {
    mutex_.Lock();
    const auto arrived = [&calls] { return !calls.empty(); };
    mutex_.Await(absl::Condition(&arrived));
    auto call = std::move(calls.front());
    calls.pop_front();
    mutex_.Unlock();
    std::move(call.second)(std::move(reply));
    return std::move(call.first);
  }

  mutable absl::Mutex mutex_;
  Calls<TokenGenerateRequest, TokenGenerateReply> generates_;
  Calls<TokenRefreshRequest, TokenRefreshReply> refreshes_;
  CallContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_FAKE_TOKEN_API_H_
