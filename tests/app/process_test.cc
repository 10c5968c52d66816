// SPDX-License-Identifier: Apache-2.0

#include "server/app/process.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Gt;
using ::testing::IsNull;
using ::testing::Ne;
using ::testing::SizeIs;
using ::testing::StrEq;
using uid2::testing::IsOk;

rlimit LimitOf(__rlimit_resource resource) {
  rlimit limit = {};
  EXPECT_THAT(getrlimit(resource, &limit), Eq(0));
  return limit;
}

TEST(ProcessTest, RemovesTheVariablesThatInfluenceLibrariesAndKeepsOthers) {
  for (const char* name : {"SSLKEYLOGFILE", "https_proxy", "ALL_PROXY", "GRPC_TRACE"}) {
    ASSERT_THAT(setenv(name, "planted", 1), Eq(0));
  }
  ASSERT_THAT(setenv("SSL_CERT_FILE", "planted", 1), Eq(0));
  ASSERT_THAT(setenv("http_proxy", "", 1), Eq(0));
  ASSERT_THAT(setenv("UNRELATED", "kept", 1), Eq(0));
  EXPECT_THAT(CleanEnvironment(),
              ElementsAre("the environment variable SSL_CERT_FILE has no effect; set "
                          "operator_connection.ca_file instead",
                          "the environment variable https_proxy has no effect; set "
                          "operator_connection.proxy_url instead",
                          "the environment variable ALL_PROXY has no effect; set "
                          "operator_connection.proxy_url instead"));
  for (const char* name : {"SSLKEYLOGFILE", "https_proxy", "ALL_PROXY", "GRPC_TRACE"}) {
    EXPECT_THAT(std::getenv(name), IsNull()) << name;
  }
  EXPECT_THAT(std::getenv("UNRELATED"), StrEq("kept"));
}

TEST(ProcessTest, ForbidsCoreDumpsAndTracing) {
  EXPECT_THAT(ForbidCoreDumps(), IsOk());
  EXPECT_THAT(LimitOf(RLIMIT_CORE).rlim_max, Eq(rlim_t{0}));
  EXPECT_THAT(prctl(PR_GET_DUMPABLE), Eq(0));
  // LeakSanitizer traces its own process at exit.
  EXPECT_THAT(prctl(PR_SET_DUMPABLE, 1), Eq(0));
}

TEST(ProcessTest, RaisesTheOpenFileLimitToTheHardLimit) {
  rlimit limit = LimitOf(RLIMIT_NOFILE);
  limit.rlim_cur = 256;
  ASSERT_THAT(setrlimit(RLIMIT_NOFILE, &limit), Eq(0));
  const absl::StatusOr<int64_t> raised = RaiseOpenFileLimit();
  ASSERT_THAT(raised, IsOk());
  EXPECT_THAT(*raised, Eq(static_cast<int64_t>(limit.rlim_max)));
  EXPECT_THAT(LimitOf(RLIMIT_NOFILE).rlim_cur, Eq(limit.rlim_max));
}

TEST(ProcessTest, BlocksTheSignalsThatEndTheProcess) {
  ASSERT_THAT(std::signal(SIGHUP, SIG_DFL), Ne(SIG_ERR));
  EXPECT_THAT(BlockSignals(), IsOk());
  for (const int ending : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    ASSERT_THAT(std::raise(ending), Eq(0));
    const sigset_t signals = EndingSignals();
    EXPECT_THAT(sigwaitinfo(&signals, nullptr), Eq(ending));
  }
  // By default these would end or stop the process.
  for (const int ignored : {SIGPIPE, SIGXFSZ, SIGTTOU, SIGUSR1, SIGUSR2}) {
    EXPECT_THAT(std::raise(ignored), Eq(0));
  }
}

TEST(ProcessTest, SeedsRandDifferentlyEachTime) {
  std::set<int> firsts;
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(SeedRand(), IsOk());
    firsts.insert(std::rand());
  }
  EXPECT_THAT(firsts, SizeIs(Gt(size_t{1})));
}

TEST(ProcessTest, ADescriptorThatTakesNothingDoesNotHoldUpItsWriter) {
  int pipe_fds[2];
  ASSERT_THAT(pipe2(pipe_fds, O_CLOEXEC), Eq(0));
  const auto capacity = static_cast<size_t>(fcntl(pipe_fds[1], F_SETPIPE_SZ, 1));
  EXPECT_FALSE(WriteWithin(absl::ZeroDuration(), pipe_fds[1], std::string(10 * capacity, 'x')));
  std::string text(2 * capacity, '\0');
  EXPECT_THAT(read(pipe_fds[0], text.data(), text.size()), Eq(static_cast<ssize_t>(capacity)));
  EXPECT_TRUE(WriteWithin(absl::ZeroDuration(), pipe_fds[1], "short"));
  close(pipe_fds[1]);
  ASSERT_THAT(read(pipe_fds[0], text.data(), text.size()), Eq(5));
  EXPECT_THAT(text.substr(0, 5), Eq("short"));
  close(pipe_fds[0]);
}

TEST(ProcessDeathTest, StandardFilesThatAreClosedBecomeDevNull) {
  EXPECT_EXIT(
      {
        for (const int descriptor : {0, 1, 2}) close(descriptor);
        bool good = CheckStandardFiles().ok();
        struct stat null = {};
        good = good && stat("/dev/null", &null) == 0;
        for (const int descriptor : {0, 1, 2}) {
          struct stat file = {};
          good = good && fstat(descriptor, &file) == 0 && file.st_rdev == null.st_rdev;
        }
        std::_Exit(good ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

// The first handler to be registered is the last one to run. OpenSSL does nothing any more once it
// has been cleaned up.
void CheckOpenSslAtExit() {
  std::atexit([] {
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) std::_Exit(1);
  });
}

TEST(ProcessDeathTest, OpenSslIsUsableUntilTheProcessHasEnded) {
  EXPECT_EXIT(
      {
        CheckOpenSslAtExit();
        if (!KeepOpenSslUntilExit().ok()) std::_Exit(2);
        ERR_clear_error();
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(ProcessDeathTest, OpenSslThatIsInUseIsKeptTooLate) {
  EXPECT_EXIT(
      {
        CheckOpenSslAtExit();
        ERR_clear_error();
        if (!KeepOpenSslUntilExit().ok()) std::_Exit(2);
        std::exit(0);
      },
      ::testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace uid2
