// SPDX-License-Identifier: Apache-2.0

#include "server/telemetry/log_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

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
    LogWriter writer(pipe_fds[1], metrics.log_lines_dropped());
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
    writer.Flush();
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

}  // namespace
}  // namespace uid2
