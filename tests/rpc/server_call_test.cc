// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/server_call.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/encoded_response.h"
#include "tests/rpc/generate_server.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::GenerateServer;
namespace v1 = identity::v1;

constexpr char kPath[] = "/uid2.identity.v1.IdentityService/GenerateIdentity";

EncodedResponse Issued(const std::string& token) {
  Identity identity;
  identity.advertising_token = token;
  return EncodeResponse(v1::GenerateIdentityResponse::ISSUED, identity);
}

// Answers with the request's email.
void Echo(GenerateServer::Method::Call& call) { call.Finish(Issued(call.request().email())); }

// The status of a call whose caller ends it without a request.
grpc::Status SendNothing(GenerateServer& server) {
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(server.channel());
  const auto stream = stub.PrepareCall(&context, kPath, &queue);
  int tag = 0;
  void* returned = nullptr;
  bool ok = false;
  stream->StartCall(&tag);
  EXPECT_TRUE(queue.Next(&returned, &ok));
  stream->WritesDone(&tag);
  EXPECT_TRUE(queue.Next(&returned, &ok));
  grpc::Status status;
  stream->Finish(&status, &tag);
  EXPECT_TRUE(queue.Next(&returned, &ok));
  return status;
}

TEST(ServerCallTest, ARequestThatArrivesInPiecesIsWhole) {
  GenerateServer server(&Echo);
  // Larger than a frame of HTTP/2, and than what gRPC reads at once.
  const std::string email(size_t{1} << 20, 'e');
  v1::GenerateIdentityResponse response;
  ASSERT_TRUE(server.Call(email, response).ok());
  EXPECT_THAT(response.identity().advertising_token(), Eq(email));
}

TEST(ServerCallTest, AnEmptyRequestIsARequest) {
  GenerateServer server(&Echo);
  v1::GenerateIdentityResponse response;
  ASSERT_TRUE(server.Call("", response).ok());
  EXPECT_THAT(response.identity().advertising_token(), IsEmpty());
}

TEST(ServerCallTest, ACallWithoutARequestFailsAndTheNextOneWorks) {
  std::atomic<int> handled{0};
  GenerateServer server([&handled](GenerateServer::Method::Call& call) {
    ++handled;
    Echo(call);
  });
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(SendNothing(server).error_code(), Eq(grpc::StatusCode::INTERNAL));
  }
  EXPECT_THAT(handled.load(), Eq(0));
  v1::GenerateIdentityResponse response;
  EXPECT_TRUE(server.Call("user@example.com", response).ok());
}

TEST(ServerCallTest, AnErrorWithoutAMessageReachesTheCaller) {
  GenerateServer server(
      [](GenerateServer::Method::Call& call) { call.Finish(absl::CancelledError("")); });
  v1::GenerateIdentityResponse response;
  const grpc::Status status = server.Call("", response);
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::CANCELLED));
  EXPECT_THAT(status.error_message(), IsEmpty());
  EXPECT_THAT(status.error_details(), IsEmpty());
}

// Calls end on the threads that finish them, while others begin and some are cancelled.
TEST(ServerCallTest, CallsThatEndOnManyThreadsEachGetTheirAnswer) {
  // Only the queue's thread touches it until the server has stopped.
  std::vector<std::thread> finishing;
  GenerateServer server([&finishing](GenerateServer::Method::Call& call) {
    finishing.emplace_back([&call] { Echo(call); });
  });
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&server, caller] {
      for (int i = 0; i < 50; ++i) {
        const std::string email = std::to_string(caller) + "-" + std::to_string(i);
        grpc::ClientContext context;
        v1::GenerateIdentityRequest request;
        request.set_email(email);
        v1::GenerateIdentityResponse response;
        if (i % 10 == 9) {
          std::thread leaving([&context] { context.TryCancel(); });
          (void)server.stub().GenerateIdentity(&context, request, &response);
          leaving.join();
          continue;
        }
        ASSERT_TRUE(server.stub().GenerateIdentity(&context, request, &response).ok());
        ASSERT_THAT(response.identity().advertising_token(), Eq(email));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  server.Stop();
  for (std::thread& thread : finishing) thread.join();
  EXPECT_THAT(server.metrics().Total("calls_in_flight"), Eq(0));
}

}  // namespace
}  // namespace uid2
