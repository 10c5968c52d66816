// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/caller_trace.h"

#include <grpcpp/client_context.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/generate_server.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using uid2::testing::GenerateServer;

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kHeader[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kOther[] = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class CallerTraceTest : public ::testing::Test {
 protected:
  // What the log says about the trace of a call with these headers.
  std::vector<std::string> LoggedWith(const std::vector<std::string>& headers) {
    GenerateServer server(
        [](GenerateServer::Method::Call& call) { call.Finish(absl::CancelledError("gone")); });
    grpc::ClientContext context;
    context.AddMetadata("tracestate", kOther);
    for (const std::string& header : headers) context.AddMetadata("traceparent", header);
    (void)server.Send("", context);
    server.Stop();
    return server.log().trace_ids();
  }
};

TEST_F(CallerTraceTest, TheLogHasTheIdOfTheCallersTrace) {
  EXPECT_THAT(LoggedWith({kHeader}), ElementsAre(kTrace));
}

TEST_F(CallerTraceTest, WithoutAHeaderThereIsNone) { EXPECT_THAT(LoggedWith({}), ElementsAre("")); }

TEST_F(CallerTraceTest, AHeaderThatIsNotValidIsIgnored) {
  EXPECT_THAT(LoggedWith({"00-0af7651916cd43dd8448eb211c80319c"}), ElementsAre(""));
}

TEST_F(CallerTraceTest, SeveralHeadersAreIgnoredEvenIfTheyAreTheSame) {
  EXPECT_THAT(LoggedWith({kHeader, kOther}), ElementsAre(""));
  EXPECT_THAT(LoggedWith({kHeader, kHeader}), ElementsAre(""));
  EXPECT_THAT(LoggedWith({kHeader, "invalid"}), ElementsAre(""));
}

TEST_F(CallerTraceTest, ACallThatIsRefusedHasItsTraceToo) {
  GenerateServer server(
      [](GenerateServer::Method::Call& call) { call.Finish(absl::CancelledError("gone")); });
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kHeader);
  server.admission().Close();
  (void)server.Send("", context);
  server.Stop();
  EXPECT_THAT(server.log().trace_ids(), ElementsAre(kTrace));
}

}  // namespace
}  // namespace uid2
