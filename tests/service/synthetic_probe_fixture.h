// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_SERVICE_SYNTHETIC_PROBE_FIXTURE_H_
#define TESTS_SERVICE_SYNTHETIC_PROBE_FIXTURE_H_

#include <cstdint>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/service/synthetic_probe.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/synthetic_probe_metrics.h"
#include "tests/fakes/fake_attempt_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/fakes/simulated_timers.h"

namespace uid2::testing {

// A probe every minute, on a simulated clock, of an operator that the test answers for.
class SyntheticProbeTest : public ::testing::Test {
 protected:
  static Identity TestIdentity() {
    Identity identity;
    identity.advertising_token = "the-advertising-token";
    identity.refresh_token = "the-refresh-token";
    identity.refresh_response_key = "the-response-key";
    return identity;
  }

  // Starts the probe, and lets time pass until its first requests.
  void StartAndAwaitFirst() {
    fraction_ = 0;
    probe_.Start();
    timers_.Advance(absl::ZeroDuration());
  }

  void AwaitNext() { timers_.Advance(options_.interval); }

  TokenGenerateRequest Issue() {
    return attempts_.AnswerGenerate(
        TokenGenerateReply{TokenGenerateReply::Outcome::kIssued, TestIdentity()});
  }
  TokenRefreshRequest Renew() {
    return attempts_.AnswerRefresh(
        TokenRefreshReply{TokenRefreshReply::Outcome::kRefreshed, TestIdentity()});
  }
  void Succeed() {
    Issue();
    Renew();
  }
  void Fail(Reason reason) {
    attempts_.AnswerGenerate(AttemptFailure{.reason = reason, .message = "why"});
  }

  int64_t Probes(absl::string_view result) const {
    return metrics_.Total("synthetic_probe_total", result);
  }
  int64_t Gauge(absl::string_view what) const {
    return metrics_.Total(absl::StrCat("synthetic_probe_", what));
  }

  const SyntheticProbeOptions options_{.interval = absl::Minutes(1), .timeout = absl::Seconds(5)};
  SimulatedClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  SimulatedTimers timers_{clock_};
  OperatorCredentialsProvider credentials_{TestCredentials()};
  Metrics metrics_;
  // What the random numbers are.
  double fraction_ = 0;
  std::vector<absl::Status> changes_;
  FakeAttemptApi& attempts_ = *new FakeAttemptApi();
  SyntheticProbe probe_{absl::WrapUnique(&attempts_),
                        DiiPolicy::kStrict,
                        options_,
                        SyntheticProbeMetrics::In(metrics_, "brand", "https://one.example"),
                        {credentials_, timers_, clock_, [this] { return fraction_; }},
                        [this](const absl::Status& status) { changes_.push_back(status); }};
};

}  // namespace uid2::testing

#endif  // TESTS_SERVICE_SYNTHETIC_PROBE_FIXTURE_H_
