// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/log_writer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/log_metrics.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Gt;

TEST(LogWriterTest, AStalledReaderBlocksNoWriterAndDroppedLinesAreCounted) {
  int pipe_fds[2];
  ASSERT_THAT(pipe2(pipe_fds, O_CLOEXEC), Eq(0));
  Metrics metrics;
  int64_t dropped = 0;
  std::string all;
  std::thread reading;
  {
    LogWriter writer(pipe_fds[1], LogMetrics::In(metrics).unread);
    // Far more than the pipe and the backlog can hold; each call returns at once.
    const std::string line(1 << 10, 'x');
    for (int i = 0; i < 3 * 4096; ++i) writer.Write(line);
    dropped = metrics.Total("log_lines_dropped_total");
    EXPECT_THAT(dropped, Gt(0));
    // Reading starts only now; without it the writer could not finish.
    reading = std::thread([&all, &pipe_fds] {
      char buffer[1 << 16];
      for (ssize_t size; (size = read(pipe_fds[0], buffer, sizeof(buffer))) > 0;) {
        all.append(buffer, static_cast<size_t>(size));
      }
    });
  }
  close(pipe_fds[1]);
  reading.join();
  close(pipe_fds[0]);
  EXPECT_THAT(all.size(), Eq(static_cast<size_t>(int64_t{3} * 4096 - dropped) * 1025));
}

TEST(LogWriterTest, LinesFromManyThreadsStayWhole) {
  int pipe_fds[2];
  ASSERT_THAT(pipe2(pipe_fds, O_CLOEXEC), Eq(0));
  {
    LogWriter writer(pipe_fds[1]);
    std::thread a([&writer] {
      for (int i = 0; i < 500; ++i) writer.Write("aaaaaaaaaa");
    });
    std::thread b([&writer] {
      for (int i = 0; i < 500; ++i) writer.Write("bbbbbbbbbb");
    });
    a.join();
    b.join();
    EXPECT_TRUE(writer.Flush(absl::InfiniteDuration()));
  }
  close(pipe_fds[1]);
  std::string all(1 << 16, '\0');
  size_t size = 0;
  for (ssize_t got; (got = read(pipe_fds[0], all.data() + size, all.size() - size)) > 0;) {
    size += static_cast<size_t>(got);
  }
  close(pipe_fds[0]);
  ASSERT_THAT(size, Eq(1000U * 11));
  for (size_t line = 0; line < size; line += 11) {
    EXPECT_THAT(all.substr(line, 11), Eq(std::string(10, all[line]) + "\n"));
  }
}

// A pipe that takes a page, and a log on it.
class SmallPipeTest : public ::testing::Test {
 protected:
  SmallPipeTest() {
    EXPECT_THAT(pipe2(pipe_, O_CLOEXEC), Eq(0));
    EXPECT_THAT(fcntl(pipe_[1], F_SETPIPE_SZ, 1), Gt(0));
  }

  // The lines that arrive until the pipe has no writer.
  std::vector<std::string> Lines() const {
    std::string all;
    char buffer[1 << 12];
    for (ssize_t size; (size = read(pipe_[0], buffer, sizeof(buffer))) > 0;) {
      all.append(buffer, static_cast<size_t>(size));
    }
    return absl::StrSplit(all, '\n');
  }

  int pipe_[2];
  Metrics metrics_;
  const std::string long_line_ = std::string(LogWriter::kMaxBacklog / 8, 'x');
};

TEST_F(SmallPipeTest, TheLogSaysHowManyLinesWereLostOnceItIsReadAgain) {
  std::thread reading;
  std::vector<std::string> lines;
  {
    LogWriter writer(pipe_[1], LogMetrics::In(metrics_).unread,
                     [](int64_t lost) { return absl::StrCat("lost ", lost); });
    for (int i = 0; i < 100; ++i) writer.Write(long_line_);
    reading = std::thread([this, &lines] { lines = Lines(); });
    EXPECT_TRUE(writer.Flush(absl::InfiniteDuration()));
    writer.Write("after");
  }
  close(pipe_[1]);
  reading.join();
  close(pipe_[0]);
  const int64_t lost = metrics_.Total("log_lines_dropped_total");
  EXPECT_THAT(lost, Gt(50));
  // What was lost, the mention, "after" and the end.
  ASSERT_THAT(lines.size(), Eq(static_cast<size_t>(100 - lost + 3)));
  EXPECT_THAT(lines[lines.size() - 3], Eq(absl::StrCat("lost ", lost)));
  EXPECT_THAT(lines[lines.size() - 2], Eq("after"));
}

TEST_F(SmallPipeTest, FlushReturnsWhenNobodyReads) {
  auto writer = std::make_unique<LogWriter>(pipe_[1]);
  writer->Write(long_line_);
  EXPECT_FALSE(writer->Flush(absl::Milliseconds(20)));
  std::thread reading([this] { (void)Lines(); });
  EXPECT_TRUE(writer->Flush(absl::InfiniteDuration()));
  writer.reset();
  close(pipe_[1]);
  reading.join();
  close(pipe_[0]);
}

TEST_F(SmallPipeTest, APipeThatSomebodyElseMadeNonBlockingLosesNothing) {
  ASSERT_THAT(fcntl(pipe_[1], F_SETFL, O_NONBLOCK), Eq(0));
  std::thread reading;
  std::vector<std::string> lines;
  {
    LogWriter writer(pipe_[1], LogMetrics::In(metrics_).unread);
    writer.Write(long_line_);
    EXPECT_FALSE(writer.Flush(absl::Milliseconds(20)));
    reading = std::thread([this, &lines] { lines = Lines(); });
  }
  close(pipe_[1]);
  reading.join();
  close(pipe_[0]);
  EXPECT_THAT(lines, ElementsAre(long_line_, ""));
  EXPECT_THAT(metrics_.Total("log_lines_dropped_total"), Eq(0));
}

TEST(LogWriterTest, ALineThatWasCutIsCountedAndTheNextOneStartsAnew) {
  ASSERT_THAT(std::signal(SIGXFSZ, SIG_IGN), Eq(SIG_DFL));
  const int file = memfd_create("log", MFD_CLOEXEC);
  rlimit limit = {};
  ASSERT_THAT(getrlimit(RLIMIT_FSIZE, &limit), Eq(0));
  const rlimit six = {6, limit.rlim_max};
  Metrics metrics;
  {
    LogWriter writer(file, LogMetrics::In(metrics).unread,
                     [](int64_t lost) { return absl::StrCat("lost ", lost); });
    ASSERT_THAT(setrlimit(RLIMIT_FSIZE, &six), Eq(0));
    writer.Write("one");
    writer.Write("two");
    writer.Write("three");
    EXPECT_TRUE(writer.Flush(absl::InfiniteDuration()));
    EXPECT_THAT(metrics.Total("log_lines_dropped_total"), Eq(2));
    writer.Write("four");
    EXPECT_TRUE(writer.Flush(absl::InfiniteDuration()));
    EXPECT_THAT(metrics.Total("log_lines_dropped_total"), Eq(3));
    ASSERT_THAT(setrlimit(RLIMIT_FSIZE, &limit), Eq(0));
    writer.Write("five");
  }
  char text[64];
  const ssize_t size = pread(file, text, sizeof(text), 0);
  close(file);
  EXPECT_THAT(std::string(text, static_cast<size_t>(size)), Eq("one\ntw\nfive\nlost 3\n"));
}

}  // namespace
}  // namespace uid2
