// SPDX-License-Identifier: Apache-2.0

#include "server/app/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/file_descriptor.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Lt;

class ProcessMetricsTest : public ::testing::Test {
 protected:
  int64_t Updated(const char* name) {
    process_.Update();
    return metrics_.Total(name);
  }

  Metrics metrics_;
  ProcessMetrics process_{metrics_};
};

TEST_F(ProcessMetricsTest, OpenFilesAndTheirLimitAreThoseOfTheProcess) {
  const int64_t before = Updated("open_fds");
  const FileDescriptor one(dup(0));
  EXPECT_THAT(Updated("open_fds"), Eq(before + 1));
  rlimit limit;
  ASSERT_THAT(getrlimit(RLIMIT_NOFILE, &limit), Eq(0));
  EXPECT_THAT(Updated("max_fds"), Eq(static_cast<int64_t>(limit.rlim_cur)));
}

TEST_F(ProcessMetricsTest, ItWorksWithoutFileDescriptors) {
  rlimit before;
  ASSERT_THAT(getrlimit(RLIMIT_NOFILE, &before), Eq(0));
  const int64_t open = Updated("open_fds");
  rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_THAT(setrlimit(RLIMIT_NOFILE, &few), Eq(0));
  std::vector<FileDescriptor> taken;
  for (int fd; (fd = dup(0)) >= 0;) taken.emplace_back(fd);
  EXPECT_THAT(Updated("open_fds"), Eq(open + static_cast<int64_t>(taken.size())));
  EXPECT_THAT(Updated("process_threads"), Ge(1));
  ASSERT_THAT(setrlimit(RLIMIT_NOFILE, &before), Eq(0));
}

TEST_F(ProcessMetricsTest, ThreadsAreCounted) {
  absl::Notification done;
  const auto wait = [&done] { done.WaitForNotification(); };
  // With the first thread, ThreadSanitizer starts one of its own.
  std::thread first(wait);
  const int64_t before = Updated("process_threads");
  std::thread thread(wait);
  EXPECT_THAT(Updated("process_threads"), Eq(before + 1));
  done.Notify();
  thread.join();
  first.join();
}

TEST_F(ProcessMetricsTest, MemoryAndStartTimeArePlausible) {
  EXPECT_THAT(Updated("process_resident_memory_bytes"), AllOf(Gt(1 << 20), Lt(int64_t{1} << 40)));
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  EXPECT_THAT(Updated("process_start_time_seconds"), AllOf(Ge(now - 600), Le(now + 1)));
}

TEST_F(ProcessMetricsTest, CpuTimeOnlyIncreases) {
  const int64_t before = Updated("process_cpu_seconds_total");
  // Until the kernel has counted one more second.
  while (Updated("process_cpu_seconds_total") <= before) continue;
  EXPECT_THAT(metrics_.Total("process_cpu_seconds_total"), Eq(before + 1));
}

TEST_F(ProcessMetricsTest, TheBuildIsDescribedByLabels) {
  const std::string text = metrics_.Text();
  EXPECT_THAT(text, HasSubstr("build_info{"));
  for (const char* label :
       {"version=\"", "commit=\"", "compiler=\"", "grpc=\"", "openssl=\"", "libcurl=\""}) {
    EXPECT_THAT(text, HasSubstr(label));
  }
}

}  // namespace
}  // namespace uid2
