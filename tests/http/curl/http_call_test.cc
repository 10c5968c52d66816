// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/http_call.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;

// Keeps the calls and records what happens to them.
class RecordingPerformer : public HttpCall::Performer {
 public:
  void Start(std::shared_ptr<HttpCall> call) override {
    told.push_back(call->context().cancelled() ? "start, cancelled" : "start");
    calls.push_back(std::move(call));
  }
  void Cancel(HttpCall& /*call*/) override { told.push_back("cancel"); }

  std::vector<std::string> told;
  std::vector<std::shared_ptr<HttpCall>> calls;
};

class HttpCallTest : public ::testing::Test {
 protected:
  HttpCallTest() { context_.emplace(CallContext::TimePoint(std::chrono::hours(1))); }

  void Post() {
    auto call = std::make_shared<HttpCall>(
        HttpRequest{nullptr, "body"}, *context_,
        [this](HttpResult result) { result_ = std::move(result); }, *loop_, performer_);
    posted_ = call;
    HttpCall::Post(std::move(call));
  }

  void Pass() { loop_->RunOnce(EventLoop::TimePoint::min()); }

  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  RecordingPerformer performer_;
  absl::optional<CallContext> context_;
  std::weak_ptr<HttpCall> posted_;
  absl::optional<HttpResult> result_;
};

TEST_F(HttpCallTest, StartsOnTheLoop) {
  Post();
  EXPECT_THAT(performer_.told, IsEmpty());
  Pass();
  EXPECT_THAT(performer_.told, ElementsAre("start"));
  EXPECT_THAT(performer_.calls[0]->request().body, Eq("body"));
}

TEST_F(HttpCallTest, IsCancelledWithItsContext) {
  Post();
  Pass();
  context_->Cancel();
  Pass();
  EXPECT_THAT(performer_.told, ElementsAre("start", "cancel"));
}

TEST_F(HttpCallTest, StartsAsCancelledIfItsContextIs) {
  context_->Cancel();
  Post();
  Pass();
  EXPECT_THAT(performer_.told, ElementsAre("cancel", "start, cancelled"));
}

TEST_F(HttpCallTest, FinishDetachesItFromTheContextBeforeTheCallback) {
  Post();
  Pass();
  performer_.calls[0]->Finish(HttpReply());
  ASSERT_TRUE(result_.has_value());
  EXPECT_TRUE(absl::holds_alternative<HttpReply>(*result_));
  context_->Cancel();
  Pass();
  EXPECT_THAT(performer_.told, ElementsAre("start"));
  context_.reset();
  performer_.calls.clear();
  EXPECT_TRUE(posted_.expired());
}

TEST_F(HttpCallTest, LivesUntilTheLoopHasReadItsCancellation) {
  Post();
  Pass();
  context_->Cancel();
  performer_.calls[0]->Finish(HttpFailure{absl::CancelledError("ended meanwhile")});
  performer_.calls.clear();
  EXPECT_FALSE(posted_.expired());
  Pass();
  EXPECT_THAT(performer_.told, ElementsAre("start", "cancel"));
  EXPECT_TRUE(posted_.expired());
}

}  // namespace
}  // namespace uid2
