// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/raw_call.h"

#include <chrono>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/generate_server.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Le;
using uid2::testing::GenerateServer;
using uid2::testing::ReasonIn;

constexpr char kEmpty[] = "";
constexpr char kNoProtobuf[] = "\xff\xff\xff\xff";

// The bounds of its call that a handler saw.
struct Bounds {
  CallContext::TimePoint deadline;
  bool is_callers = false;
};

TEST(RawCallTest, ACallIsCountedAndLoggedOnce) {
  GenerateServer server([&server](GenerateServer::Method::Call& call) {
    call.set_participant(GenerateServer::kParticipant, server.results());
    call.Finish(absl::CancelledError("gone"));
  });
  grpc::ClientContext context;
  EXPECT_THAT(server.Send(kEmpty, context).error_code(), Eq(grpc::StatusCode::CANCELLED));
  server.Stop();
  EXPECT_THAT(server.log().records(), ElementsAre("GenerateIdentity|CANCELLED|||brand|gone"));
  EXPECT_THAT(server.metrics().Total("grpc_server_started_total"), Eq(1));
  EXPECT_THAT(server.metrics().Total("grpc_server_handled_total", "Canceled"), Eq(1));
  EXPECT_THAT(server.metrics().Total("grpc_server_handling_seconds"), Eq(1));
  EXPECT_THAT(server.metrics().Total("identity_calls_total", "brand"), Eq(1));
  EXPECT_THAT(server.metrics().Total("identity_calls_total", "CANCELLED"), Eq(1));
  EXPECT_THAT(server.metrics().Total("calls_in_flight"), Eq(0));
}

TEST(RawCallTest, BytesThatAreNotProtobufDoNotReachTheHandler) {
  bool handled = false;
  GenerateServer server([&handled](GenerateServer::Method::Call& call) {
    handled = true;
    call.Finish(absl::InternalError("unexpected"));
  });
  grpc::ClientContext context;
  const grpc::Status status = server.Send(kNoProtobuf, context);
  server.Stop();
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_THAT(ReasonIn(status), Eq("REQUEST_MALFORMED"));
  EXPECT_FALSE(handled);
  EXPECT_THAT(server.metrics().Total("grpc_server_handled_total", "InvalidArgument"), Eq(1));
}

TEST(RawCallTest, ARefusedCallDoesNotReachTheHandlerAndIsCountedAsStarted) {
  bool handled = false;
  GenerateServer server([&handled](GenerateServer::Method::Call& call) {
    handled = true;
    call.Finish(absl::InternalError("unexpected"));
  });
  server.admission().Close();
  grpc::ClientContext context;
  EXPECT_THAT(ReasonIn(server.Send(kEmpty, context)), Eq("DRAINING"));
  server.Stop();
  EXPECT_FALSE(handled);
  EXPECT_THAT(server.metrics().Total("grpc_server_started_total"), Eq(1));
  EXPECT_THAT(server.metrics().Total("shed_total"), Eq(1));
}

TEST(RawCallTest, TheContextEndsWithTheCallersDeadlineOrTheServersMaximum) {
  DeadlineOptions deadlines;
  deadlines.max_call_time = absl::Hours(1);
  Bounds bounds;
  GenerateServer server(
      [&bounds](GenerateServer::Method::Call& call) {
        bounds = {call.context().deadline(), call.context().deadline_is_callers()};
        call.Finish(absl::CancelledError("seen"));
      },
      deadlines);
  const auto begin = std::chrono::steady_clock::now();
  {
    grpc::ClientContext context;
    (void)server.Send(kEmpty, context);
    EXPECT_FALSE(bounds.is_callers);
    EXPECT_THAT(begin + std::chrono::minutes(59), Le(bounds.deadline));
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(30));
  (void)server.Send(kEmpty, context);
  EXPECT_TRUE(bounds.is_callers);
  EXPECT_THAT(bounds.deadline, Le(begin + std::chrono::minutes(31)));
}

TEST(RawCallTest, ACallerThatCancelsCancelsTheContext) {
  absl::Notification begun;
  absl::Notification cancelled;
  GenerateServer::Method::Call* pending = nullptr;
  GenerateServer server([&](GenerateServer::Method::Call& call) {
    pending = &call;
    begun.Notify();
  });
  grpc::ClientContext context;
  std::thread leaving([&] {
    begun.WaitForNotification();
    context.TryCancel();
  });
  EXPECT_THAT(server.Send(kEmpty, context).error_code(), Eq(grpc::StatusCode::CANCELLED));
  leaving.join();
  // The server learns of it from gRPC a moment later.
  while (!pending->context().cancelled()) std::this_thread::yield();
  EXPECT_THAT(server.log().records(), IsEmpty());
  pending->Finish(absl::CancelledError("the caller has gone"));
  server.Stop();
  EXPECT_THAT(server.log().records(),
              ElementsAre("GenerateIdentity|CANCELLED||||the caller has gone"));
}

}  // namespace
}  // namespace uid2
