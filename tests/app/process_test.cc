// SPDX-License-Identifier: Apache-2.0

#include "server/app/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsNull;
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

TEST(ProcessTest, ABlockedSignalStaysPendingUntilItIsAwaited) {
  EXPECT_THAT(BlockSignals(), IsOk());
  ASSERT_THAT(std::raise(SIGTERM), Eq(0));
  EXPECT_THAT(AwaitSignal(), Eq(SIGTERM));
  // By default this signal would end the process.
  EXPECT_THAT(std::raise(SIGPIPE), Eq(0));
}

}  // namespace
}  // namespace uid2
