// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/reflection_methods.h"

#include <memory>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/streams_server.h"

namespace uid2 {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using uid2::testing::ReasonIn;
using uid2::testing::StreamsServer;

constexpr char kPath[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr char kService[] = "grpc.reflection.v1.ServerReflection";

class ReflectionMethodsTest : public ::testing::Test {
 protected:
  const Reflection reflection_{{kService}, {}};
  StreamsServer server_{[this](StreamsServer::Parts parts) {
    return ReflectionMethods(reflection_, parts.admission, parts.metrics);
  }};
};

// An open stream.
class Stream {
 public:
  explicit Stream(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::ServerReflection::NewStub(channel)),
        stream_(stub_->ServerReflectionInfo(&context_)) {}

  bool Ask(const std::string& symbol) {
    v1::ServerReflectionRequest request;
    request.set_file_containing_symbol(symbol);
    return stream_->Write(request);
  }
  // The symbol that the next answer is for; "" if the stream has ended.
  std::string Next() {
    v1::ServerReflectionResponse response;
    if (!stream_->Read(&response)) return "";
    return response.original_request().file_containing_symbol();
  }
  void HalfClose() { stream_->WritesDone(); }
  grpc::Status Finish() { return stream_->Finish(); }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::ServerReflection::Stub> stub_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::ServerReflectionRequest, v1::ServerReflectionResponse>>
      stream_;
};

TEST_F(ReflectionMethodsTest, QuestionsAreAnsweredInTheirOrderUntilTheClientHasNoMore) {
  Stream stream(server_.channel());
  for (const char* symbol : {"a", kService, "c"}) EXPECT_TRUE(stream.Ask(symbol));
  for (const char* symbol : {"a", kService, "c"}) EXPECT_THAT(stream.Next(), Eq(symbol));
  EXPECT_TRUE(stream.Ask("d"));
  EXPECT_THAT(stream.Next(), Eq("d"));
  stream.HalfClose();
  EXPECT_TRUE(stream.Finish().ok());
  server_.Stop();
  EXPECT_THAT(server_.log().records(), IsEmpty());
  EXPECT_THAT(server_.metrics().Total("grpc_server_handled_total", "OK"), Eq(1));
}

TEST_F(ReflectionMethodsTest, TheOlderServiceAnswersTheSame) {
  grpc::ClientContext context;
  const auto stub = v1alpha::ServerReflection::NewStub(server_.channel());
  const auto stream = stub->ServerReflectionInfo(&context);
  v1alpha::ServerReflectionRequest request;
  request.set_list_services("");
  EXPECT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->WritesDone());
  v1alpha::ServerReflectionResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_THAT(response.list_services_response().service(0).name(), Eq(kService));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ReflectionMethodsTest, AMessageThatIsNotProtobufIsMalformed) {
  const grpc::Status status = server_.Send(kPath, "\xff\xff\xff\xff");
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_THAT(ReasonIn(status), Eq("REQUEST_MALFORMED"));
}

TEST_F(ReflectionMethodsTest, QuestionsAreRefusedWhileCallsAre) {
  Stream stream(server_.channel());
  EXPECT_TRUE(stream.Ask("a"));
  EXPECT_THAT(stream.Next(), Eq("a"));
  server_.admission().Close();
  EXPECT_TRUE(stream.Ask("b"));
  EXPECT_THAT(stream.Next(), Eq(""));
  EXPECT_THAT(ReasonIn(stream.Finish()), Eq("DRAINING"));
}

TEST_F(ReflectionMethodsTest, IdleStreamsEndAtADrain) {
  Stream silent(server_.channel());
  Stream asked(server_.channel());
  EXPECT_TRUE(asked.Ask("a"));
  EXPECT_THAT(asked.Next(), Eq("a"));
  server_.AwaitOpen(2);
  server_.streams().Drain();
  EXPECT_THAT(ReasonIn(silent.Finish()), Eq("DRAINING"));
  EXPECT_THAT(ReasonIn(asked.Finish()), Eq("DRAINING"));
  server_.AwaitOpen(0);
}

TEST_F(ReflectionMethodsTest, ACancelledStreamLeavesNothingBehind) {
  Stream stream(server_.channel());
  EXPECT_TRUE(stream.Ask("a"));
  EXPECT_THAT(stream.Next(), Eq("a"));
  stream.Cancel();
  EXPECT_THAT(stream.Finish().error_code(), Eq(grpc::StatusCode::CANCELLED));
  server_.AwaitOpen(0);
}

TEST_F(ReflectionMethodsTest, AClientThatNeverReadsCanSendNoMoreAndDoesNotHoldUpTheEnd) {
  Stream stream(server_.channel());
  std::thread writing([&stream] {
    // Fails when the server has ended the stream: until then, the server does not read them all.
    while (stream.Ask(kService)) {
    }
  });
  server_.AwaitOpen(1);
  server_.streams().Drain();
  server_.Stop();
  writing.join();
  EXPECT_THAT(server_.metrics().Total("grpc_server_handled_total", "bidi_stream"), Eq(1));
}

}  // namespace
}  // namespace uid2
