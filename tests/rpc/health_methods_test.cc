// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/health_methods.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/streams_server.h"

namespace uid2 {
namespace {

namespace v1 = grpc::health::v1;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::ReasonIn;
using uid2::testing::StreamsServer;

constexpr char kService[] = "a.Service";
constexpr char kCheckPath[] = "/grpc.health.v1.Health/Check";
constexpr char kWatchPath[] = "/grpc.health.v1.Health/Watch";
constexpr char kNoProtobuf[] = "\xff\xff\xff\xff";

v1::HealthCheckRequest For(const std::string& service) {
  v1::HealthCheckRequest request;
  request.set_service(service);
  return request;
}

class HealthMethodsTest : public ::testing::Test {
 protected:
  grpc::Status Check(const std::string& service, v1::HealthCheckResponse& response) {
    grpc::ClientContext context;
    return stub_->Check(&context, For(service), &response);
  }

  StreamsServer server_{
      [](StreamsServer::Parts parts) { return HealthMethods(parts.health, parts.metrics); }};
  std::unique_ptr<v1::Health::Stub> stub_ = v1::Health::NewStub(server_.channel());
};

// An open Health/Watch.
class Watch {
 public:
  Watch(v1::Health::Stub& stub, const std::string& service)
      : reader_(stub.Watch(&context_, For(service))) {}

  // The next status; UNKNOWN if the call has ended.
  v1::HealthCheckResponse::ServingStatus Next() {
    v1::HealthCheckResponse response;
    return reader_->Read(&response) ? response.status() : v1::HealthCheckResponse::UNKNOWN;
  }
  grpc::Status Finish() { return reader_->Finish(); }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::HealthCheckResponse>> reader_;
};

TEST_F(HealthMethodsTest, ACheckTellsTheStatus) {
  v1::HealthCheckResponse response;
  for (const char* service : {"", kService}) {
    EXPECT_TRUE(Check(service, response).ok());
    EXPECT_THAT(response.status(), Eq(v1::HealthCheckResponse::NOT_SERVING)) << service;
  }
  server_.health().SetServing(true);
  for (const char* service : {"", kService}) {
    EXPECT_TRUE(Check(service, response).ok());
    EXPECT_THAT(response.status(), Eq(v1::HealthCheckResponse::SERVING)) << service;
  }
}

TEST_F(HealthMethodsTest, ACheckOfAnUnknownServiceIsNotFound) {
  v1::HealthCheckResponse response;
  const grpc::Status status = Check("no.such.Service", response);
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::NOT_FOUND));
  EXPECT_THAT(status.error_details(), IsEmpty());
}

TEST_F(HealthMethodsTest, ChecksAreAnsweredWhenCallsAreRefused) {
  server_.admission().Close();
  server_.streams().Drain();
  v1::HealthCheckResponse response;
  EXPECT_TRUE(Check("", response).ok());
}

TEST_F(HealthMethodsTest, MessagesThatAreNotProtobufAreMalformed) {
  for (const char* path : {kCheckPath, kWatchPath}) {
    const grpc::Status status = server_.Send(path, kNoProtobuf);
    EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::INVALID_ARGUMENT)) << path;
    EXPECT_THAT(ReasonIn(status), Eq("REQUEST_MALFORMED")) << path;
  }
}

TEST_F(HealthMethodsTest, AWatchTellsTheStatusAndThenEachChange) {
  Watch watch(*stub_, kService);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(watch.Next(), Eq(v1::HealthCheckResponse::NOT_SERVING));
    server_.health().SetServing(true);
    EXPECT_THAT(watch.Next(), Eq(v1::HealthCheckResponse::SERVING));
    server_.health().SetServing(false);
  }
}

TEST_F(HealthMethodsTest, AWatchOfAnUnknownServiceStaysOpenAndIsToldNoChanges) {
  Watch unknown(*stub_, "no.such.Service");
  Watch known(*stub_, kService);
  EXPECT_THAT(unknown.Next(), Eq(v1::HealthCheckResponse::SERVICE_UNKNOWN));
  EXPECT_THAT(known.Next(), Eq(v1::HealthCheckResponse::NOT_SERVING));
  server_.health().SetServing(true);
  EXPECT_THAT(known.Next(), Eq(v1::HealthCheckResponse::SERVING));
  server_.streams().Drain();
  EXPECT_THAT(unknown.Next(), Eq(v1::HealthCheckResponse::UNKNOWN));
  EXPECT_THAT(ReasonIn(unknown.Finish()), Eq("DRAINING"));
}

TEST_F(HealthMethodsTest, WatchesEndAtADrainAfterTheLastStatus) {
  server_.health().SetServing(true);
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 50; ++i) watches.push_back(std::make_unique<Watch>(*stub_, ""));
  for (const auto& watch : watches) {
    EXPECT_THAT(watch->Next(), Eq(v1::HealthCheckResponse::SERVING));
  }
  server_.health().Drain();
  server_.streams().Drain();
  for (const auto& watch : watches) {
    EXPECT_THAT(watch->Next(), Eq(v1::HealthCheckResponse::NOT_SERVING));
    EXPECT_THAT(watch->Next(), Eq(v1::HealthCheckResponse::UNKNOWN));
    EXPECT_THAT(watch->Finish().error_code(), Eq(grpc::StatusCode::UNAVAILABLE));
  }
  server_.AwaitOpen(0);
}

TEST_F(HealthMethodsTest, AWatchThatBeginsDuringADrainEnds) {
  server_.streams().Drain();
  EXPECT_THAT(ReasonIn(Watch(*stub_, "").Finish()), Eq("DRAINING"));
}

TEST_F(HealthMethodsTest, ACancelledWatchLeavesNothingBehind) {
  Watch watch(*stub_, "");
  EXPECT_THAT(watch.Next(), Eq(v1::HealthCheckResponse::NOT_SERVING));
  server_.AwaitOpen(1);
  watch.Cancel();
  server_.AwaitOpen(0);
  EXPECT_THAT(watch.Finish().error_code(), Eq(grpc::StatusCode::CANCELLED));
  server_.health().SetServing(true);
}

TEST_F(HealthMethodsTest, CallsAreCountedAndOnlyFaultyOnesAreLogged) {
  v1::HealthCheckResponse response;
  EXPECT_TRUE(Check("", response).ok());
  EXPECT_FALSE(Check("no.such.Service", response).ok());
  EXPECT_FALSE(server_.Send(kCheckPath, kNoProtobuf).ok());
  Watch watch(*stub_, "");
  server_.AwaitOpen(1);
  watch.Cancel();
  server_.AwaitOpen(0);
  server_.Stop();
  EXPECT_THAT(server_.log().records(),
              ElementsAre("grpc.health.v1.Health/Check|INVALID_ARGUMENT|REQUEST_MALFORMED|||not a "
                          "protobuf message of this method's request type"));
  EXPECT_THAT(server_.metrics().Total("grpc_server_started_total", "Check"), Eq(3));
  EXPECT_THAT(server_.metrics().Total("grpc_server_handled_total", "NotFound"), Eq(1));
  EXPECT_THAT(server_.metrics().Total("grpc_server_started_total", "server_stream"), Eq(1));
  EXPECT_THAT(server_.metrics().Total("grpc_server_handled_total", "Canceled"), Eq(1));
}

}  // namespace
}  // namespace uid2
