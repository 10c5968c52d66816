// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_multi.h"

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/socket_watch.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

// A multi handle on a loop that the test's own thread runs, pass by pass.
class CurlMultiTest : public ::testing::Test, private EventLoop::EventHandler {
 protected:
  CurlMultiTest() { Make(/*max_idle_connections=*/8); }

  void Make(int max_idle_connections) {
    multi_.reset();
    absl::StatusOr<std::unique_ptr<CurlMulti>> multi =
        CurlMulti::New(sockets_, timer_, max_idle_connections, /*multiplex=*/false);
    EXPECT_THAT(multi, IsOk());
    multi_ = *std::move(multi);
  }

  CurlHandle MakeHandle() {
    CurlHandle handle = *CurlHandle::New();
    EXPECT_THAT(handle.Set<CURLOPT_URL>(url_.c_str()), IsOk());
    EXPECT_THAT(handle.Set<CURLOPT_PROXY>(""), IsOk());
    return handle;
  }

  // Runs the loop until this many transfers have ended, but for no longer than ten seconds.
  void RunUntilFinished(size_t count) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (finished_.size() < count && std::chrono::steady_clock::now() < limit) {
      loop_->RunOnce(limit);
    }
    ASSERT_THAT(finished_.size(), Eq(count));
  }

  std::vector<CurlMulti::Finished> finished_;
  Gate gate_;
  const ScriptedServer server_{[this](const ScriptedServer::Request&) {
    return Script().WaitFor(gate_).Send(ReplyText(200, ""));
  }};
  const std::string url_ = server_.Url();
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  SocketWatch sockets_{*loop_, *this};
  EventLoop::Alarm timer_{*loop_, [this](EventLoop::TimePoint) { Act(multi_->RunTimers()); }};
  std::unique_ptr<CurlMulti> multi_;

 private:
  void OnEvents(int fd, uint32_t events) override {
    if (sockets_.Wanted(fd) == 0) return sockets_.Ignore(fd);
    Act(multi_->OnSocket(fd, events));
  }

  void Act(const absl::Status& status) {
    EXPECT_THAT(status, IsOk());
    while (const absl::optional<CurlMulti::Finished> finished = multi_->NextFinished()) {
      finished_.push_back(*finished);
    }
  }
};

TEST_F(CurlMultiTest, ReportsATransferOnceWhenItHasEnded) {
  const CurlHandle handle = MakeHandle();
  ASSERT_THAT(multi_->Add(handle.get()), IsOk());
  EXPECT_FALSE(multi_->NextFinished().has_value());
  gate_.Open();
  RunUntilFinished(1);
  EXPECT_THAT(finished_[0].handle, Eq(handle.get()));
  EXPECT_THAT(finished_[0].code, Eq(CURLE_OK));
  EXPECT_FALSE(multi_->NextFinished().has_value());
  EXPECT_THAT(multi_->Remove(handle.get()), IsOk());
}

TEST_F(CurlMultiTest, AHandleCanBeAddedAgainAndReusesTheConnection) {
  gate_.Open();
  const CurlHandle handle = MakeHandle();
  for (size_t i = 1; i <= 3; ++i) {
    ASSERT_THAT(multi_->Add(handle.get()), IsOk());
    RunUntilFinished(i);
    ASSERT_THAT(multi_->Remove(handle.get()), IsOk());
  }
  EXPECT_THAT(server_.connections(), Eq(1));
}

TEST_F(CurlMultiTest, RemovalAbortsATransferAndClosesItsConnection) {
  const CurlHandle handle = MakeHandle();
  ASSERT_THAT(multi_->Add(handle.get()), IsOk());
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (server_.requests().empty() && std::chrono::steady_clock::now() < limit) {
    loop_->RunOnce(std::chrono::steady_clock::now() + std::chrono::milliseconds(10));
  }
  EXPECT_THAT(multi_->Remove(handle.get()), IsOk());
  EXPECT_TRUE(server_.AwaitPeerCloses(1));
  EXPECT_TRUE(finished_.empty());
}

TEST_F(CurlMultiTest, KeepsNoMoreIdleConnectionsThanAllowed) {
  Make(/*max_idle_connections=*/1);
  std::vector<CurlHandle> handles;
  for (int i = 0; i < 3; ++i) {
    handles.push_back(MakeHandle());
    ASSERT_THAT(multi_->Add(handles.back().get()), IsOk());
  }
  gate_.Open();
  RunUntilFinished(3);
  for (const CurlHandle& handle : handles) ASSERT_THAT(multi_->Remove(handle.get()), IsOk());
  EXPECT_THAT(server_.connections(), Eq(3));
  // libcurl looks at the limit when a transfer returns its connection.
  ASSERT_THAT(multi_->Add(handles[0].get()), IsOk());
  RunUntilFinished(4);
  ASSERT_THAT(multi_->Remove(handles[0].get()), IsOk());
  EXPECT_THAT(server_.connections(), Eq(3));
  EXPECT_TRUE(server_.AwaitPeerCloses(1));
}

TEST_F(CurlMultiTest, ItsEndClosesIdleConnections) {
  gate_.Open();
  const CurlHandle handle = MakeHandle();
  ASSERT_THAT(multi_->Add(handle.get()), IsOk());
  RunUntilFinished(1);
  ASSERT_THAT(multi_->Remove(handle.get()), IsOk());
  multi_.reset();
  EXPECT_TRUE(server_.AwaitPeerCloses(1));
}

TEST_F(CurlMultiTest, AHandleCannotBeAddedTwice) {
  const CurlHandle handle = MakeHandle();
  ASSERT_THAT(multi_->Add(handle.get()), IsOk());
  EXPECT_THAT(multi_->Add(handle.get()), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(multi_->Remove(handle.get()), IsOk());
}

}  // namespace
}  // namespace uid2::testing
