// SPDX-License-Identifier: Apache-2.0

#include "server/app/liveness.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/self_probe.h"
#include "server/call/system_clock.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/self_probe_metrics.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::RecordingEventLog;
using uid2::testing::StatusIs;

constexpr SelfProbeOptions kOnce = {
    .interval = absl::Minutes(1), .timeout = absl::Seconds(30), .failures = 0};
// Any result is too old for these.
constexpr SelfProbeOptions kImpatient = {
    .interval = absl::Nanoseconds(1), .timeout = absl::Nanoseconds(1), .failures = 0};

class LivenessTest : public ::testing::Test {
 protected:
  // Probes `address` once.
  std::unique_ptr<SelfProbe> Probe(const std::string& address) {
    auto probe = SelfProbe::Start(kOnce, address, /*tls=*/false,
                                  {clock_, SelfProbeMetrics::In(metrics_), events_},
                                  [](absl::string_view) {});
    EXPECT_THAT(probe, IsOk());
    return *std::move(probe);
  }

  static void AwaitResult(const SelfProbe& probe) {
    while (!probe.last().has_value()) std::this_thread::yield();
  }

  SystemClock clock_;
  Metrics metrics_;
  RecordingEventLog events_;
};

TEST_F(LivenessTest, AProcessIsAliveBeforeTheFirstResultAndAfterTheLast) {
  Liveness liveness(kImpatient);
  EXPECT_THAT(liveness.status(), IsOk());
  const auto probe = Probe("127.0.0.1:1");
  AwaitResult(*probe);
  liveness.Follow(*probe);
  EXPECT_FALSE(liveness.status().ok());
  liveness.Unfollow();
  EXPECT_THAT(liveness.status(), IsOk());
}

TEST_F(LivenessTest, AFailedProbeMeansThatItIsNotAlive) {
  Liveness liveness(kOnce);
  // Nothing listens there.
  const auto probe = Probe("127.0.0.1:1");
  AwaitResult(*probe);
  liveness.Follow(*probe);
  EXPECT_THAT(liveness.status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("the last self-probe failed")));
  liveness.Unfollow();
}

TEST_F(LivenessTest, AStaleResultMeansThatTheProbeHangs) {
  Liveness liveness(kImpatient);
  const auto probe = Probe("127.0.0.1:1");
  AwaitResult(*probe);
  liveness.Follow(*probe);
  EXPECT_THAT(liveness.status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("s ago: its thread hangs")));
  liveness.Unfollow();
}

}  // namespace
}  // namespace uid2
