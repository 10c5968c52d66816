// SPDX-License-Identifier: Apache-2.0

#include "server/app/synthetic_probes.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/participant_state.h"
#include "server/call/system_clock.h"
#include "server/http/tls/trust_store.h"
#include "server/operator/operator_credentials.h"
#include "server/secrets/credentials.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/gate.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using uid2::testing::Gate;
using uid2::testing::IsOk;
using uid2::testing::RecordingEventLog;
using uid2::testing::ReplyText;
using uid2::testing::Script;
using uid2::testing::ScriptedServer;

constexpr char kFails[] = "fails the synthetic probe: ";

// Probes of one participant with two addresses, at which the operator answers once a gate is open.
class SyntheticProbesTest : public ::testing::Test {
 protected:
  void Start(absl::Duration timeout = absl::Minutes(1)) {
    configuration_.synthetic_probe = {.interval = absl::Milliseconds(1), .timeout = timeout};
    configuration_.http.request_timeout = absl::Minutes(1);
    configuration_.participants.push_back(
        {"brand",
         {first_.Url(""), second_.Url("")},
         DiiPolicy::kStrict,
         *OperatorCredentials::New(
             Credentials{Secret(std::string("the-key")), Secret(std::string(32, 's'))})});
    participants_ = MakeParticipantStates(configuration_, clock_, metrics_, events_);
    absl::StatusOr<std::unique_ptr<SyntheticProbes>> probes = SyntheticProbes::Start(
        configuration_, participants_, *TrustStore::Empty(), clock_, metrics_);
    ASSERT_THAT(probes, IsOk());
    probes_ = *std::move(probes);
  }

  Script Unauthorized() {
    return Script().WaitFor(gate_).Send(ReplyText(401, R"({"status":"unauthorized"})"));
  }

  Gate gate_;
  ScriptedServer first_{[this](const ScriptedServer::Request&) { return Unauthorized(); }};
  ScriptedServer second_{[this](const ScriptedServer::Request&) { return Unauthorized(); }};
  Configuration configuration_;
  SystemClock clock_;
  Metrics metrics_;
  RecordingEventLog events_;
  std::deque<ParticipantState> participants_;
  std::unique_ptr<SyntheticProbes> probes_;
};

TEST_F(SyntheticProbesTest, EachAddressIsProbedAndReportsItsOwnResult) {
  gate_.Open();
  Start();
  for (const ScriptedServer* operator_address : {&first_, &second_}) {
    EXPECT_THAT(events_.Await(operator_address->Url("") + " " + kFails),
                HasSubstr("OPERATOR_REJECTED_API_KEY: generate: "));
    EXPECT_THAT(metrics_.Total("synthetic_probe_total", operator_address->Url("")), Gt(0));
    EXPECT_THAT(operator_address->requests().front().head,
                HasSubstr("POST /v2/token/generate HTTP/1.1\r\n"));
  }
  probes_.reset();
  EXPECT_THAT(metrics_.Total("synthetic_probe_total", "success"), Eq(0));
}

TEST_F(SyntheticProbesTest, ASilentOperatorFailsTheProbeAtItsTimeout) {
  Start(/*timeout=*/absl::Milliseconds(100));
  EXPECT_THAT(events_.Await(second_.Url("") + " " + kFails),
              HasSubstr("OPERATOR_TIMEOUT: generate: "));
}

TEST_F(SyntheticProbesTest, ProbesInFlightEndWithTheirOwner) {
  Start();
  ASSERT_TRUE(first_.AwaitRequests(1));
  ASSERT_TRUE(second_.AwaitRequests(1));
  probes_.reset();
  EXPECT_TRUE(first_.AwaitPeerCloses(1));
  EXPECT_TRUE(second_.AwaitPeerCloses(1));
  EXPECT_THAT(metrics_.Total("synthetic_probe_total"), Eq(0));
  EXPECT_THAT(events_.Take(), IsEmpty());
}

TEST_F(SyntheticProbesTest, StopEndsTheProbesInFlightAndBeginsNoOthers) {
  Start();
  ASSERT_TRUE(first_.AwaitRequests(1));
  ASSERT_TRUE(second_.AwaitRequests(1));
  probes_->Stop();
  EXPECT_TRUE(first_.AwaitPeerCloses(1));
  EXPECT_TRUE(second_.AwaitPeerCloses(1));
  gate_.Open();
  probes_.reset();
  EXPECT_THAT(first_.requests().size(), Eq(1));
  EXPECT_THAT(second_.requests().size(), Eq(1));
  EXPECT_THAT(metrics_.Total("synthetic_probe_total"), Eq(0));
  EXPECT_THAT(events_.Take(), IsEmpty());
}

}  // namespace
}  // namespace uid2
