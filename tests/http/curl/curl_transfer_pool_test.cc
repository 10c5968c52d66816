// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_transfer_pool.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/http/resolver/host_resolver.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Ne;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;

using Target = std::shared_ptr<const HttpTarget>;
using TimePoint = CurlTransferPool::TimePoint;

class CurlTransferPoolTest : public ::testing::Test {
 protected:
  static Target MakeTarget(std::vector<std::string> headers = {}) {
    return std::make_shared<const HttpTarget>(HttpTarget{"http://127.0.0.1/", std::move(headers)});
  }

  static HttpClientOptions KeepingTwo() {
    HttpClientOptions options;
    options.max_idle_connections = 2;
    return options;
  }

  std::unique_ptr<CurlTransfer> Take(const Target& target) {
    absl::StatusOr<std::unique_ptr<CurlTransfer>> transfer = pool_.Take(target, now_);
    EXPECT_THAT(transfer, IsOk());
    return transfer.ok() ? *std::move(transfer) : nullptr;
  }

  struct : EventLoop::EventHandler {
    void OnEvents(int /*fd*/, uint32_t /*events*/) override {}
  } handler_;
  const std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  SocketWatch sockets_{*loop_, handler_};
  HostResolver resolver_{*loop_, HttpMetrics(), absl::Seconds(30)};
  CurlTransferSetup setup_{KeepingTwo(),
                           *TrustStore::Load(TestAuthority("authority").CertificateFile()),
                           *CurlSessionCache::New(), resolver_, sockets_};
  CurlTransferPool pool_{setup_};
  TimePoint now_{std::chrono::seconds(1000)};
};

TEST_F(CurlTransferPoolTest, ReusesATransferForItsOwnTargetOnly) {
  const Target target = MakeTarget();
  // Equal, but another object.
  const Target other = MakeTarget();
  std::unique_ptr<CurlTransfer> transfer = Take(target);
  CurlTransfer* const returned = transfer.get();
  pool_.Return(std::move(transfer), *target);
  EXPECT_THAT(Take(other).get(), Ne(returned));
  transfer = Take(target);
  EXPECT_THAT(transfer.get(), Eq(returned));
  EXPECT_THAT(Take(target).get(), Ne(returned));
}

TEST_F(CurlTransferPoolTest, KeepsNoMoreThanAllowed) {
  const Target target = MakeTarget();
  std::vector<std::unique_ptr<CurlTransfer>> transfers;
  for (int i = 0; i < 3; ++i) transfers.push_back(Take(target));
  std::set<CurlTransfer*> kept = {transfers[0].get(), transfers[1].get()};
  for (auto& transfer : transfers) pool_.Return(std::move(transfer), *target);
  transfers.clear();
  for (int i = 0; i < 2; ++i) {
    transfers.push_back(Take(target));
    EXPECT_THAT(kept.count(transfers.back().get()), Eq(1U));
  }
}

TEST_F(CurlTransferPoolTest, ReleasesATargetThatHasNoOtherOwner) {
  Target old = MakeTarget();
  const std::weak_ptr<const HttpTarget> watched = old;
  const Target target = MakeTarget();
  pool_.Return(Take(old), *old);
  old.reset();
  EXPECT_FALSE(watched.expired());
  now_ += std::chrono::seconds(10);
  pool_.Return(Take(target), *target);
  EXPECT_TRUE(watched.expired());
  // Its transfer was released with it and is no longer counted.
  auto first = Take(target);
  auto second = Take(target);
  const std::set<CurlTransfer*> kept = {first.get(), second.get()};
  pool_.Return(std::move(first), *target);
  pool_.Return(std::move(second), *target);
  first = Take(target);
  second = Take(target);
  EXPECT_THAT(kept, Eq(std::set<CurlTransfer*>{first.get(), second.get()}));
}

TEST_F(CurlTransferPoolTest, RejectsAnInvalidTarget) {
  EXPECT_THAT(pool_.Take(MakeTarget({"no field"}), now_), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(pool_.Take(std::make_shared<const HttpTarget>(HttpTarget{"gopher://x/", {}}), now_),
              StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace uid2
