// SPDX-License-Identifier: Apache-2.0

#include "server/operator/resilience/shared_refreshes.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace uid2 {

std::shared_ptr<SharedRefreshes::SharedCall> SharedRefreshes::Join(
    const TokenRefreshRequest& request, CallContext::TimePoint deadline,
    std::shared_ptr<Waiter> waiter) {
  SharedCall::Key key(absl::StripAsciiWhitespace(request.refresh_token),
                      request.refresh_response_key);
  TokenApi::Callback<TokenRefreshReply> abandoned;
  {
    absl::MutexLock lock(&mutex_);
    if (waiter->left.ok()) {
      std::shared_ptr<SharedCall>& open = open_[key];
      const bool is_new = open == nullptr;
      if (is_new) {
        open = std::make_shared<SharedCall>(std::move(key), deadline);
        metrics_.shared_refreshes.Increment();
      } else {
        open->context.Extend(deadline);
        metrics_.refreshes_shared.Increment();
      }
      waiter->shared_call = open;
      open->waiters.push_back(std::move(waiter));
      return is_new ? open : nullptr;
    }
    abandoned = std::move(waiter->done);
  }
  std::move(abandoned)(waiter->left);
  return nullptr;
}

void SharedRefreshes::Leave(Waiter& waiter, const absl::Status& why) {
  TokenApi::Callback<TokenRefreshReply> done;
  std::shared_ptr<SharedCall> shared_call;
  {
    absl::MutexLock lock(&mutex_);
    if (!waiter.done || !waiter.left.ok()) return;
    waiter.left = why;
    // The waiter has not joined yet; Join() will answer it.
    if (waiter.shared_call == nullptr) return;
    shared_call = waiter.shared_call;
    if (shared_call->waiters.size() == 1) {
      Close(*shared_call);
    } else {
      done = std::move(waiter.done);
      waiter.done = nullptr;
      waiter.shared_call = nullptr;
      auto& waiters = shared_call->waiters;
      waiters.erase(std::find_if(waiters.begin(), waiters.end(),
                                 [&](const auto& other) { return other.get() == &waiter; }));
    }
  }
  if (done) {
    std::move(done)(why);
  } else {
    shared_call->context.Cancel();
  }
}

void SharedRefreshes::Complete(SharedCall& shared_call, absl::StatusOr<TokenRefreshReply> result) {
  struct Answer {
    CallContext& context;
    TokenApi::Callback<TokenRefreshReply> done;
    absl::Status left;
  };
  absl::InlinedVector<Answer, 1> answers;
  {
    absl::MutexLock lock(&mutex_);
    Close(shared_call);
    metrics_.shared_refreshes.Decrement();
    answers.reserve(shared_call.waiters.size());
    for (const std::shared_ptr<Waiter>& waiter : shared_call.waiters) {
      answers.push_back({waiter->context, std::move(waiter->done), waiter->left});
      waiter->done = nullptr;
      waiter->shared_call = nullptr;
    }
    shared_call.waiters.clear();
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    auto& [context, done, left] = answers[i];
    context.trace() = shared_call.context.trace();
    // Even if the last waiter has left, it gets the reply if one has arrived after all.
    if (!result.ok() && !left.ok()) {
      std::move(done)(std::move(left));
    } else if (i + 1 < answers.size()) {
      std::move(done)(absl::StatusOr<TokenRefreshReply>(result));
    } else {
      std::move(done)(std::move(result));
    }
  }
}

void SharedRefreshes::Close(const SharedCall& shared_call) {
  const auto found = open_.find(shared_call.key);
  if (found != open_.end() && found->second.get() == &shared_call) open_.erase(found);
}

}  // namespace uid2
