// SPDX-License-Identifier: Apache-2.0

#include "server/app/library_log.h"

#include <fcntl.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/json_log.h"
#include "server/telemetry/line_limit.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

std::chrono::steady_clock::time_point steady{std::chrono::hours(1)};

JsonLog* NewLog(int descriptor) {
  return new JsonLog(descriptor, {}, {}, {[] { return absl::UnixEpoch(); }, [] { return steady; }});
}

// Sends the libraries' errors to a pipe. They keep a pointer to the log until the process ends.
class LibraryLogTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_THAT(pipe2(pipe_, O_CLOEXEC), Eq(0));
    log_ = NewLog(pipe_[1]);
    SendLibraryErrorsTo(*log_);
  }

  static std::string Logged() {
    EXPECT_TRUE(log_->writer().Flush(absl::InfiniteDuration()));
    char text[4096];
    const ssize_t size = read(pipe_[0], text, sizeof(text));
    return size > 0 ? std::string(text, static_cast<size_t>(size)) : "";
  }

  static int pipe_[2];
  static JsonLog* log_;
};

int LibraryLogTest::pipe_[2];
JsonLog* LibraryLogTest::log_ = nullptr;

TEST_F(LibraryLogTest, AnErrorOfGrpcIsLoggedByFileAndLineOnlyAndInfoIsNotLogged) {
  gpr_log("src/core/somewhere.cc", 12, GPR_LOG_SEVERITY_INFO, "info");
  gpr_log("src/core/elsewhere.cc", 34, GPR_LOG_SEVERITY_ERROR, "parsing %s", "canary");
  EXPECT_THAT(Logged(), AllOf(HasSubstr("\"severity\":\"WARNING\""),
                              HasSubstr("\"gRPC reports an error at elsewhere.cc:34\""),
                              Not(HasSubstr("canary")), Not(HasSubstr("somewhere"))));
}

TEST_F(LibraryLogTest, AnErrorOfProtobufIsLoggedByFileAndLineOnlyAndNotWrittenToStderr) {
  ::testing::internal::CaptureStderr();
  identity::v1::GenerateIdentityRequest request;
  EXPECT_FALSE(
      request.ParseFromString("\x0a\x07"
                              "canary\xff"));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), Eq(""));
  EXPECT_THAT(Logged(), AllOf(HasSubstr("\"severity\":\"WARNING\""),
                              HasSubstr("protobuf reports an error at wire_format_lite.cc:"),
                              Not(HasSubstr("canary")), Not(HasSubstr("email"))));
}

TEST_F(LibraryLogTest, OnlyAFewErrorsPerSecondAreLoggedButAlwaysThoseThatEndTheProcess) {
  steady += std::chrono::seconds(1);
  for (int i = 0; i < 100; ++i) {
    gpr_log("src/core/a.cc", 12, GPR_LOG_SEVERITY_ERROR, "refused");
    GOOGLE_LOG(ERROR) << "refused";
  }
  gpr_log("src/core/b.cc", 34, GPR_LOG_SEVERITY_ERROR, "assertion failed: true");
  const std::string logged = Logged();
  EXPECT_THAT(std::count(logged.begin(), logged.end(), '\n'),
              Eq(LineLimit::kLibraryErrorsPerSecond + 1));
  EXPECT_THAT(logged, HasSubstr("assertion failed: true"));
  steady += std::chrono::seconds(1);
}

TEST_F(LibraryLogTest, AWarningOfProtobufIsNotLogged) {
  GOOGLE_LOG(WARNING) << "unimportant";
  GOOGLE_LOG(ERROR) << "important";
  EXPECT_THAT(Logged(), AllOf(HasSubstr("library_log_test.cc"), Not(HasSubstr("important"))));
}

// What a process whose log is stderr leaves there when it aborts.
void AbortWith(void (*cause)()) {
  static JsonLog& log = *NewLog(STDERR_FILENO);
  SendLibraryErrorsTo(log);
  FlushOnAbort(log.writer());
  log.Event(Severity::kInfo, "before");
  cause();
}

TEST(LibraryLogDeathTest, AFailedAssertionIsInTheLogBeforeTheProcessEnds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(AbortWith([] { GPR_ASSERT(2 + 2 == 5); }), ::testing::KilledBySignal(SIGABRT),
              "before.*\n.*\"ERROR\".*assertion failed: 2 \\+ 2 == 5");
  EXPECT_EXIT(AbortWith([]() noexcept { GOOGLE_CHECK_EQ(2, 5); }),
              ::testing::KilledBySignal(SIGABRT), "before.*\n.*\"ERROR\".*CHECK failed");
}

TEST(LibraryLogDeathTest, AnAbortFlushesTheLogAndEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(AbortWith([] { std::abort(); }), ::testing::KilledBySignal(SIGABRT), "before");
  // kill -ABRT, after which raise() returns unless the process ends.
  EXPECT_EXIT(AbortWith([] {
                (void)std::raise(SIGABRT);
                std::_Exit(0);
              }),
              ::testing::KilledBySignal(SIGABRT), "before");
}

}  // namespace
}  // namespace uid2
