// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/stream_methods.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/health_methods.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/streams_server.h"

namespace uid2 {
namespace {

namespace v1 = grpc::health::v1;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using uid2::testing::DetailOf;
using uid2::testing::ReasonIn;
using uid2::testing::StreamsServer;

std::vector<StreamMethod> MakeHealthMethods(StreamsServer::Parts parts) {
  return HealthMethods(parts.health, parts.metrics);
}

TEST(StreamMethodsTest, AnyOtherMethodIsUnknownAndItsNameIsNeitherLoggedNorALabel) {
  StreamsServer server(&MakeHealthMethods);
  const std::string paths[] = {"/planted.Service/Method",
                               "/uid2.identity.v1.IdentityService/planted",
                               "/grpc.health.v1.Health/check",
                               "/grpc.health.v1.Health/Check/",
                               "/planted",
                               "/",
                               absl::StrCat("/planted/", std::string(4000, 'x'))};
  for (const std::string& path : paths) {
    for (const char* request : {"", "\xff\xff"}) {
      const grpc::Status status = server.Send(path, request);
      EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::UNIMPLEMENTED)) << path;
      EXPECT_THAT(ReasonIn(status), Eq("METHOD_UNKNOWN")) << path;
    }
  }
  server.Stop();
  EXPECT_THAT(server.log().records(), SizeIs(14));
  EXPECT_THAT(
      server.log().records(),
      Each(AllOf(StartsWith("unknown|UNIMPLEMENTED|METHOD_UNKNOWN|"), Not(HasSubstr("planted")))));
  EXPECT_THAT(server.metrics().Total("grpc_server_started_total", "unknown"), Eq(14));
  EXPECT_THAT(server.metrics().Total("grpc_server_handled_total", "Unimplemented"), Eq(14));
  EXPECT_THAT(server.metrics().Total("grpc_server_started_total"), Eq(14));
}

TEST(StreamMethodsTest, StreamsAreLimitedForEachConnectionAndInAll) {
  StreamsServer server(&MakeHealthMethods, {2, 3});
  struct Open {
    explicit Open(const std::shared_ptr<grpc::Channel>& channel)
        : stub(v1::Health::NewStub(channel)), reader(stub->Watch(&context, {})) {}
    // The reason why the stream ended; empty if it has told the status.
    std::string Refusal() {
      v1::HealthCheckResponse response;
      if (reader->Read(&response)) return "";
      const grpc::Status status = reader->Finish();
      EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_retry_delay());
      return ReasonIn(status);
    }
    grpc::ClientContext context;
    std::unique_ptr<v1::Health::Stub> stub;
    std::unique_ptr<grpc::ClientReader<v1::HealthCheckResponse>> reader;
  };
  const auto first = server.NewChannel();
  const auto second = server.NewChannel();
  Open a(first);
  EXPECT_THAT(a.Refusal(), Eq(""));
  Open b(first);
  EXPECT_THAT(b.Refusal(), Eq(""));
  EXPECT_THAT(Open(first).Refusal(), Eq("CALLER_LIMIT"));
  Open c(second);
  EXPECT_THAT(c.Refusal(), Eq(""));
  EXPECT_THAT(Open(second).Refusal(), Eq("OVERLOADED"));
  // Health checks are answered all the same.
  grpc::ClientContext context;
  v1::HealthCheckResponse response;
  EXPECT_TRUE(v1::Health::NewStub(first)->Check(&context, {}, &response).ok());
  a.context.TryCancel();
  server.AwaitOpen(2);
  EXPECT_THAT(Open(second).Refusal(), Eq(""));
  EXPECT_THAT(server.log().records(),
              ::testing::ElementsAre(
                  StartsWith("grpc.health.v1.Health/Watch|RESOURCE_EXHAUSTED|CALLER_LIMIT|"),
                  StartsWith("grpc.health.v1.Health/Watch|UNAVAILABLE|OVERLOADED|")));
}

}  // namespace
}  // namespace uid2
