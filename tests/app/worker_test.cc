// SPDX-License-Identifier: Apache-2.0

#include "server/app/worker.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call/system_clock.h"
#include "server/http/tls/trust_store.h"
#include "server/operator/operator_credentials.h"
#include "server/secrets/credentials.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_call_log.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using uid2::testing::IsOk;
using uid2::testing::RecordingCallLog;
using uid2::testing::RecordingEventLog;
using uid2::testing::StatusIs;

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() {
    configuration_.participants.push_back(
        {"brand",
         {"http://127.0.0.1:1"},
         DiiPolicy::kStrict,
         *OperatorCredentials::New(
             Credentials{Secret(std::string("key")), Secret(std::string(32, 's'))})});
  }

  absl::StatusOr<std::unique_ptr<Worker>> New() {
    participants_ = MakeParticipantStates(configuration_, clock_, metrics_, events_);
    const Worker::Shared shared = {configuration_,
                                   clock_,
                                   admission_,
                                   callers_,
                                   log_,
                                   participants_,
                                   metrics_,
                                   methods_over_,
                                   /*reflection=*/nullptr,
                                   {other_methods_, open_streams_, health_, streams_over_}};
    return Worker::New(shared, service_, builder_.AddCompletionQueue(), *TrustStore::Load(""));
  }

  Configuration configuration_;
  SystemClock clock_;
  Metrics metrics_;
  RecordingCallLog log_;
  RecordingEventLog events_;
  Admission admission_{2048};
  const CallerList callers_{{}, 1};
  MonotonicLatch methods_over_{IdentityServiceHandlers::kMethods};
  MonotonicLatch streams_over_{1};
  Health health_{{}};
  OpenStreams open_streams_{{}};
  std::deque<ParticipantState> participants_;
  IdentityServiceHandlers::Service service_;
  grpc::AsyncGenericService other_methods_;
  grpc::ServerBuilder builder_;
};

TEST_F(WorkerTest, StartsAndStopsWithItsServer) {
  builder_.RegisterService(&service_.grpc_service);
  builder_.RegisterAsyncGenericService(&other_methods_);
  absl::StatusOr<std::unique_ptr<Worker>> worker = New();
  ASSERT_THAT(worker, IsOk());
  const std::unique_ptr<grpc::Server> server = builder_.BuildAndStart();
  service_.grpc_service.Bind(*server);
  (*worker)->Start();
  EXPECT_FALSE(methods_over_.Await(absl::ZeroDuration()));
  EXPECT_FALSE(streams_over_.Await(absl::ZeroDuration()));
  server->Shutdown(std::chrono::system_clock::now());
  EXPECT_TRUE(methods_over_.Await(absl::InfiniteDuration()));
  EXPECT_TRUE(streams_over_.Await(absl::InfiniteDuration()));
  (*worker)->Stop();
}

TEST_F(WorkerTest, InvalidHttpOptionsAreAnError) {
  configuration_.http.request_timeout = absl::ZeroDuration();
  EXPECT_THAT(New(), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace uid2
