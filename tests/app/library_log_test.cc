// SPDX-License-Identifier: Apache-2.0

#include "server/app/grpc_log.h"

#include <fcntl.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/log_writer.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(GrpcLogTest, AnErrorIsLoggedByFileAndLineOnlyAndInfoIsNotLogged) {
  int pipe_fds[2];
  ASSERT_THAT(pipe2(pipe_fds, O_CLOEXEC), Eq(0));
  // gRPC keeps a pointer to the log until the process ends.
  static LogWriter& writer = *new LogWriter(pipe_fds[1]);
  static JsonLog& log = *new JsonLog(writer, [] { return absl::UnixEpoch(); });
  SendGrpcErrorsTo(log);
  gpr_log("src/core/somewhere.cc", 12, GPR_LOG_SEVERITY_INFO, "info");
  gpr_log("src/core/elsewhere.cc", 34, GPR_LOG_SEVERITY_ERROR, "parsing %s", "canary");
  writer.Flush();
  char text[4096];
  const ssize_t size = read(pipe_fds[0], text, sizeof(text));
  ASSERT_GT(size, 0);
  EXPECT_THAT(std::string(text, static_cast<size_t>(size)),
              AllOf(HasSubstr("\"severity\":\"WARNING\""),
                    HasSubstr("gRPC reports an error at elsewhere.cc:34"), Not(HasSubstr("canary")),
                    Not(HasSubstr("somewhere"))));
}

}  // namespace
}  // namespace uid2
