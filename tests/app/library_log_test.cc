// SPDX-License-Identifier: Apache-2.0

#include "server/app/library_log.h"

#include <fcntl.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/log_writer.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

// Sends the libraries' errors to a pipe. They keep a pointer to the log until the process ends.
class LibraryLogTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_THAT(pipe2(pipe_, O_CLOEXEC), Eq(0));
    writer_ = new LogWriter(pipe_[1]);
    static JsonLog& log = *new JsonLog(*writer_, [] { return absl::UnixEpoch(); });
    SendLibraryErrorsTo(log);
  }

  static std::string Logged() {
    EXPECT_TRUE(writer_->Flush(absl::InfiniteDuration()));
    char text[4096];
    const ssize_t size = read(pipe_[0], text, sizeof(text));
    return size > 0 ? std::string(text, static_cast<size_t>(size)) : "";
  }

  static int pipe_[2];
  static LogWriter* writer_;
};

int LibraryLogTest::pipe_[2];
LogWriter* LibraryLogTest::writer_ = nullptr;

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

TEST_F(LibraryLogTest, AWarningOfProtobufIsNotLogged) {
  GOOGLE_LOG(WARNING) << "unimportant";
  GOOGLE_LOG(ERROR) << "important";
  EXPECT_THAT(Logged(), AllOf(HasSubstr("library_log_test.cc"), Not(HasSubstr("important"))));
}

// What a process whose log is stderr leaves there when it aborts.
void AbortWith(void (*cause)()) {
  static LogWriter& writer = *new LogWriter(STDERR_FILENO);
  static JsonLog& log = *new JsonLog(writer, [] { return absl::UnixEpoch(); });
  SendLibraryErrorsTo(log);
  FlushOnAbort(writer);
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
