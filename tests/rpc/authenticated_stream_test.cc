// SPDX-License-Identifier: Apache-2.0

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/health_methods.h"
#include "server/rpc/reflection_methods.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/mutual_tls.h"
#include "tests/rpc/streams_server.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::MutualTls;
using uid2::testing::ReasonIn;
using uid2::testing::StreamsServer;

constexpr char kListed[] = "DNS:web.example";
constexpr char kOther[] = "DNS:other.example";

// Health and reflection of a server whose clients must have a certificate.
class AuthenticatedStreamTest : public ::testing::Test {
 protected:
  std::shared_ptr<grpc::Channel> Channel(const std::string& names) {
    return grpc::CreateChannel(server_.address(), tls_.Client(names));
  }

  const MutualTls tls_{};
  const Reflection reflection_{{}, {}};
  StreamsServer server_{[this](StreamsServer::Parts parts) {
                          std::vector<StreamMethod> methods =
                              HealthMethods(parts.health, parts.metrics);
                          for (StreamMethod& method :
                               ReflectionMethods(reflection_, parts.admission, parts.metrics)) {
                            methods.push_back(std::move(method));
                          }
                          return methods;
                        },
                        {.max_of_connection = 8, .max_in_all = 12},
                        {{.san = "web.example"}},
                        tls_.Server()};
};

TEST_F(AuthenticatedStreamTest, HealthAnswersEveryClientThatCanConnect) {
  for (const char* names : {kListed, kOther, ""}) {
    const auto health = grpc::health::v1::Health::NewStub(Channel(names));
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckResponse response;
    EXPECT_TRUE(health->Check(&context, {}, &response).ok()) << names;
    grpc::ClientContext watching;
    const auto watch = health->Watch(&watching, {});
    EXPECT_TRUE(watch->Read(&response)) << names;
    watching.TryCancel();
  }
  EXPECT_THAT(server_.log().records(), IsEmpty());
}

TEST_F(AuthenticatedStreamTest, ClientsThatAreNotOnTheListCannotTakeItsStreams) {
  struct Watch {
    explicit Watch(const std::shared_ptr<grpc::Channel>& channel)
        : stub(grpc::health::v1::Health::NewStub(channel)), reader(stub->Watch(&context, {})) {}
    // The reason why the watch ended; empty if it has told the status.
    std::string Refusal() const {
      grpc::health::v1::HealthCheckResponse response;
      return reader->Read(&response) ? "" : ReasonIn(reader->Finish());
    }
    grpc::ClientContext context;
    std::unique_ptr<grpc::health::v1::Health::Stub> stub;
    std::unique_ptr<grpc::ClientReader<grpc::health::v1::HealthCheckResponse>> reader;
  };
  std::list<Watch> open;
  // Whatever their names.
  for (const char* names : {kOther, "DNS:another.example", ""}) {
    EXPECT_THAT(open.emplace_back(Channel(names)).Refusal(), Eq("")) << names;
  }
  for (const char* names : {kOther, ""}) {
    EXPECT_THAT(Watch(Channel(names)).Refusal(), Eq("CALLER_LIMIT")) << names;
  }
  // The caller's share of the calls does not matter.
  for (int i = 0; i < 8; ++i) {
    EXPECT_THAT(open.emplace_back(Channel(kListed)).Refusal(), Eq("")) << i;
  }
  EXPECT_THAT(Watch(Channel(kListed)).Refusal(), Eq("CALLER_LIMIT"));
}

TEST_F(AuthenticatedStreamTest, ReflectionAnswersOnlyCallersOnTheList) {
  for (const char* names : {kListed, kOther}) {
    const auto stub = grpc::reflection::v1::ServerReflection::NewStub(Channel(names));
    grpc::ClientContext context;
    const auto stream = stub->ServerReflectionInfo(&context);
    grpc::reflection::v1::ServerReflectionRequest request;
    request.set_list_services("");
    (void)stream->Write(request);
    (void)stream->WritesDone();
    grpc::reflection::v1::ServerReflectionResponse response;
    const bool answered = stream->Read(&response);
    const grpc::Status status = stream->Finish();
    EXPECT_THAT(answered, Eq(names == kListed));
    EXPECT_THAT(status.ok(), Eq(names == kListed));
    if (!status.ok()) {
      EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::PERMISSION_DENIED));
      EXPECT_THAT(ReasonIn(status), Eq("CALLER_NOT_ALLOWED"));
    }
  }
  EXPECT_THAT(server_.log().callers(), ElementsAre("|other.example|"));
  EXPECT_THAT(server_.metrics().Total("grpc_server_handled_total", "PermissionDenied"), Eq(1));
}

TEST_F(AuthenticatedStreamTest, AnUnknownMethodIsUnknownToEveryClientAndLoggedWithIt) {
  for (const char* names : {kListed, kOther}) {
    grpc::GenericStub stub(Channel(names));
    grpc::ClientContext context;
    const grpc::Slice slice("");
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, "/no.such.Service/Method", grpc::StubOptions(), &request, &response,
                   [&](grpc::Status result) {
                     status = std::move(result);
                     done.Notify();
                   });
    done.WaitForNotification();
    EXPECT_THAT(ReasonIn(status), Eq("METHOD_UNKNOWN")) << names;
  }
  EXPECT_THAT(server_.log().callers(), ElementsAre("web.example||", "|other.example|"));
}

}  // namespace
}  // namespace uid2
