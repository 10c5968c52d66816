// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_PENDING_REPLY_H_
#define TESTS_FAKES_PENDING_REPLY_H_

#include <memory>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "gtest/gtest.h"
#include "server/http/http_client.h"

namespace uid2::testing {

// Receives the answer to one Post(). Fails the test if there is a second answer.
class PendingReply {
 public:
  HttpClient::Callback Callback() {
    return [state = state_](HttpResult result) {
      EXPECT_FALSE(state->answered.HasBeenNotified()) << "answered twice";
      state->result = std::move(result);
      state->thread = std::this_thread::get_id();
      state->answered.Notify();
    };
  }

  // Waits up to ten seconds, far longer than any call takes; after that, returns kUnknown, which no
  // client returns.
  HttpResult AwaitResult() const {
    if (!state_->answered.WaitForNotificationWithTimeout(absl::Seconds(10))) {
      return HttpFailure{absl::UnknownError("no answer within ten seconds")};
    }
    return state_->result;
  }

  // The same, without what HttpFailure has in addition to a status.
  absl::StatusOr<HttpReply> Await() const {
    const HttpResult result = AwaitResult();
    if (const auto* const failure = absl::get_if<HttpFailure>(&result)) return failure->status;
    return absl::get<HttpReply>(result);
  }

  bool answered() const { return state_->answered.HasBeenNotified(); }

  // The thread that delivered the answer.
  std::thread::id thread() const { return state_->thread; }

 private:
  struct State {
    HttpResult result;
    std::thread::id thread;
    absl::Notification answered;
  };

  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_PENDING_REPLY_H_
