// SPDX-License-Identifier: Apache-2.0

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "server/app/drain_progress.h"
#include "server/app/readiness.h"
#include "server/app/server.h"
#include "server/call/system_clock.h"
#include "server/telemetry/metrics.h"
#include "tests/app/thread_count.h"
#include "tests/fakes/recording_call_log.h"
#include "tests/fakes/recording_event_log.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using grpc::health::v1::HealthCheckResponse;
using grpc::reflection::v1::ServerReflection;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using ::testing::Eq;
using ::testing::Lt;
using uid2::testing::RecordingCallLog;
using uid2::testing::RecordingEventLog;
using uid2::testing::ThreadCount;

// A reflection stream on which one question has been answered.
struct OpenReflection {
  explicit OpenReflection(const std::shared_ptr<grpc::Channel>& channel)
      : stub(ServerReflection::NewStub(channel)), stream(stub->ServerReflectionInfo(&context)) {
    ServerReflectionRequest request;
    request.set_list_services("");
    ServerReflectionResponse response;
    EXPECT_TRUE(stream->Write(request));
    EXPECT_TRUE(stream->Read(&response));
    EXPECT_THAT(response.list_services_response().service_size(), Eq(4));
  }

  grpc::ClientContext context;
  std::unique_ptr<ServerReflection::Stub> stub;
  std::unique_ptr<grpc::ClientReaderWriter<ServerReflectionRequest, ServerReflectionResponse>>
      stream;
};

class ServerStreamsTest : public ::testing::Test {
 protected:
  ServerStreamsTest() {
    Configuration configuration;
    configuration.listen_address = "127.0.0.1:0";
    configuration.workers = 2;
    // So long that a test which waits for it fails.
    configuration.drain_timeout = absl::Minutes(5);
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(std::move(configuration), clock_, metrics_, readiness_, log_, events_);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // A channel with a connection of its own.
  std::shared_ptr<grpc::Channel> NewChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  void ExpectDrainCutsNothing() {
    DrainProgress progress;
    server_->Drain(progress);
    EXPECT_THAT(progress.calls_cut(), Eq(0));
  }

  SystemClock clock_;
  Metrics metrics_;
  Readiness readiness_{metrics_};
  RecordingCallLog log_;
  RecordingEventLog events_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerStreamsTest, ThreeHundredReflectionStreamsNeedNoThreadsAndDoNotHoldUpADrain) {
  constexpr int kChannels = 5;
  constexpr int kStreamsOfChannel = 60;
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  std::vector<std::unique_ptr<OpenReflection>> streams;
  for (int i = 0; i < kChannels; ++i) {
    channels.push_back(NewChannel());
    streams.push_back(std::make_unique<OpenReflection>(channels.back()));
  }
  const auto threads_before = ThreadCount();
  for (const auto& channel : channels) {
    for (int i = 1; i < kStreamsOfChannel; ++i) {
      streams.push_back(std::make_unique<OpenReflection>(channel));
    }
  }
  // gRPC's own executors may add a few.
  EXPECT_THAT(ThreadCount() - threads_before, Lt(10));
  ExpectDrainCutsNothing();
  for (const auto& stream : streams) {
    EXPECT_THAT(stream->stream->Finish().error_code(), Eq(grpc::StatusCode::UNAVAILABLE));
  }
}

TEST_F(ServerStreamsTest, AWatchSeesServingThenNotServingThenTheEnd) {
  const auto stub = grpc::health::v1::Health::NewStub(NewChannel());
  for (const char* service : {"", identity::v1::IdentityService::service_full_name()}) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    EXPECT_TRUE(stub->Check(&context, request, &response).ok());
    EXPECT_THAT(response.status(), Eq(HealthCheckResponse::SERVING)) << service;
  }
  grpc::ClientContext context;
  const auto watch = stub->Watch(&context, {});
  HealthCheckResponse response;
  EXPECT_TRUE(watch->Read(&response));
  EXPECT_THAT(response.status(), Eq(HealthCheckResponse::SERVING));
  std::thread draining([this] { ExpectDrainCutsNothing(); });
  EXPECT_TRUE(watch->Read(&response));
  EXPECT_THAT(response.status(), Eq(HealthCheckResponse::NOT_SERVING));
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_THAT(watch->Finish().error_code(), Eq(grpc::StatusCode::UNAVAILABLE));
  draining.join();
}

TEST_F(ServerStreamsTest, AWatcherThatNeverReadsDoesNotHoldUpADrain) {
  const auto channel = NewChannel();
  const auto stub = grpc::health::v1::Health::NewStub(channel);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<HealthCheckResponse>>> watches;
  for (int i = 0; i < 64; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    watches.push_back(stub->Watch(contexts.back().get(), {}));
  }
  ExpectDrainCutsNothing();
  for (const auto& watch : watches) {
    // gRPC's client tells the end only after the messages before it.
    HealthCheckResponse response;
    while (watch->Read(&response)) {
    }
    // UNAVAILABLE, or CANCELLED for one that has not reached the server yet.
    EXPECT_FALSE(watch->Finish().ok());
  }
}

}  // namespace
}  // namespace uid2
