// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/socket_watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/event/file_descriptor.h"
#include "server/telemetry/http_target_metrics.h"
#include "server/telemetry/metrics.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using uid2::testing::IsOk;

constexpr char kPeer[] = "192.0.2.1:443";

class CountingHandler : public EventLoop::EventHandler {
 public:
  void OnEvents(int /*fd*/, uint32_t /*events*/) override { ++count; }

  size_t count = 0;
};

class SocketWatchTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(loop_, IsOk()); }

  // A socket that is always writable, and readable if `readable`.
  static FileDescriptor MakeSocket(bool readable) {
    int ends[2] = {-1, -1};
    EXPECT_THAT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), Eq(0));
    // Closing the other end makes this one readable; keeping it open would cost a descriptor.
    if (readable) {
      EXPECT_THAT(close(ends[1]), Eq(0));
    }
    return FileDescriptor(ends[0]);
  }

  // Closes `socket` and opens another with the same number, as libcurl does.
  static void Replace(const FileDescriptor& socket) {
    const FileDescriptor other = MakeSocket(true);
    ASSERT_THAT(dup3(other.get(), socket.get(), O_CLOEXEC), Eq(socket.get()));
  }

  // The events of one pass, which does not wait.
  size_t EventCount() {
    handler_.count = 0;
    (*loop_)->RunOnce(EventLoop::TimePoint::min());
    return handler_.count;
  }

  absl::StatusOr<std::unique_ptr<EventLoop>> loop_ = EventLoop::New();
  CountingHandler handler_;
  SocketWatch watch_{**loop_, handler_};
};

TEST_F(SocketWatchTest, ReportsTheWantedEvents) {
  const FileDescriptor socket = MakeSocket(false);
  EXPECT_THAT(watch_.Opened(socket.get(), kPeer), IsOk());
  EXPECT_THAT(EventCount(), Eq(0U));
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLIN), IsOk());
  EXPECT_THAT(watch_.Wanted(socket.get()), Eq(EPOLLIN));
  EXPECT_THAT(EventCount(), Eq(0U));
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLOUT), IsOk());
  EXPECT_THAT(EventCount(), Eq(1U));
  watch_.WantNothing(socket.get());
  EXPECT_THAT(watch_.Wanted(socket.get()), Eq(0U));
  EXPECT_THAT(EventCount(), Eq(0U));
}

TEST_F(SocketWatchTest, CountsAConnectionOnceAsActiveOrIdleFromItsFirstRequestUntilItIsClosed) {
  Metrics metrics;
  const auto count = [&metrics](const char* state) {
    return metrics.Total("operator_connections", state);
  };
  const FileDescriptor socket = MakeSocket(false);
  ASSERT_THAT(watch_.Opened(socket.get(), kPeer), IsOk());
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLOUT), IsOk());
  const ConnectionMetrics connections = ConnectionMetrics::In(metrics, "https://one.example");
  EXPECT_THAT(count("active"), Eq(0));
  watch_.Connected(socket.get(), connections);
  EXPECT_THAT(count("active"), Eq(1));
  // The first request ends.
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLIN), IsOk());
  watch_.WantNothing(socket.get());
  EXPECT_THAT(count("active"), Eq(1));
  watch_.Established(socket.get());
  EXPECT_THAT(count("active"), Eq(0));
  EXPECT_THAT(count("idle"), Eq(1));
  // The next one waits for writing and then for reading.
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLOUT), IsOk());
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLIN), IsOk());
  EXPECT_THAT(count("active"), Eq(1));
  EXPECT_THAT(count("idle"), Eq(0));
  watch_.WantNothing(socket.get());
  watch_.WantNothing(socket.get());
  EXPECT_THAT(count("idle"), Eq(1));
  watch_.Closed(socket.get());
  EXPECT_THAT(count("active"), Eq(0));
  EXPECT_THAT(count("idle"), Eq(0));
}

TEST_F(SocketWatchTest, CountsAConnectionAsActiveThatIsEstablishedWhileARequestSharesIt) {
  Metrics metrics;
  const FileDescriptor socket = MakeSocket(false);
  ASSERT_THAT(watch_.Opened(socket.get(), kPeer), IsOk());
  watch_.Connected(socket.get(), ConnectionMetrics::In(metrics, "https://one.example"));
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLIN), IsOk());
  watch_.Established(socket.get());
  EXPECT_THAT(metrics.Total("operator_connections", "active"), Eq(1));
  EXPECT_THAT(metrics.Total("operator_connections", "idle"), Eq(0));
}

TEST_F(SocketWatchTest, WatchesANewSocketInPlaceOfOneThatWasClosedUnnoticed) {
  const FileDescriptor socket = MakeSocket(false);
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLOUT), IsOk());
  Replace(socket);
  EXPECT_THAT(EventCount(), Eq(0U));
  EXPECT_THAT(watch_.Opened(socket.get(), kPeer), IsOk());
  EXPECT_THAT(EventCount(), Eq(1U));
}

TEST_F(SocketWatchTest, WatchesASocketThatReusedAClosedOnesNumberUnnoticed) {
  const FileDescriptor socket = MakeSocket(false);
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLIN), IsOk());
  Replace(socket);
  ASSERT_THAT(watch_.Want(socket.get(), EPOLLIN), IsOk());
  EXPECT_THAT(EventCount(), Eq(1U));
}

TEST_F(SocketWatchTest, UnwatchesASocketThatIsAlreadyClosed) {
  FileDescriptor socket = MakeSocket(true);
  const int fd = socket.get();
  ASSERT_THAT(watch_.Want(fd, EPOLLIN), IsOk());
  socket = FileDescriptor();
  watch_.WantNothing(fd);
  EXPECT_THAT(watch_.Wanted(fd), Eq(0U));
  EXPECT_THAT(EventCount(), Eq(0U));
}

TEST_F(SocketWatchTest, KeepsAnEstablishedSocketRegisteredUntilItReportsAnEvent) {
  int ends[2] = {-1, -1};
  ASSERT_THAT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), Eq(0));
  const FileDescriptor socket(ends[0]);
  FileDescriptor peer(ends[1]);
  const int fd = socket.get();
  ASSERT_THAT(watch_.Want(fd, EPOLLIN), IsOk());
  watch_.Established(fd);
  watch_.WantNothing(fd);
  EXPECT_THAT(watch_.Wanted(fd), Eq(0U));
  // Wanting it again makes no system call, because it is still registered.
  ASSERT_THAT((*loop_)->Rewatch(fd, EPOLLOUT), IsOk());
  ASSERT_THAT(watch_.Want(fd, EPOLLIN), IsOk());
  EXPECT_THAT(EventCount(), Eq(1U));
  ASSERT_THAT((*loop_)->Rewatch(fd, EPOLLIN), IsOk());
  watch_.WantNothing(fd);
  EXPECT_THAT(EventCount(), Eq(0U));
  peer = FileDescriptor();
  EXPECT_THAT(EventCount(), Eq(1U));
  watch_.Ignore(fd);
  EXPECT_THAT(EventCount(), Eq(0U));
  // It is no longer assumed to be registered.
  ASSERT_THAT(watch_.Want(fd, EPOLLIN), IsOk());
  EXPECT_THAT(EventCount(), Eq(1U));
}

TEST_F(SocketWatchTest, ForgetsAnEstablishedSocketThatWasClosed) {
  FileDescriptor socket = MakeSocket(true);
  const int fd = socket.get();
  ASSERT_THAT(watch_.Want(fd, EPOLLIN), IsOk());
  watch_.Established(fd);
  watch_.WantNothing(fd);
  watch_.Closed(fd);
  Replace(socket);
  ASSERT_THAT(watch_.Want(fd, EPOLLIN), IsOk());
  EXPECT_THAT(EventCount(), Eq(1U));
  // The new socket is not established, so it does not stay registered.
  watch_.WantNothing(fd);
  EXPECT_THAT(EventCount(), Eq(0U));
}

TEST_F(SocketWatchTest, CutsConnectionsThatWereSilentSinceAMark) {
  struct Row {
    const char* situation;
    const char* peer;
    bool established;
    bool idle;
    bool heard_before;
    bool heard_since;
    bool shared;
    bool cut;
  };
  const Row rows[] = {
      {"heard before the mark", kPeer, true, true, true, false, false, true},
      {"never heard", kPeer, true, true, false, false, false, true},
      {"heard since", kPeer, true, true, true, true, false, false},
      {"of another peer", "192.0.2.2:443", true, true, true, false, false, false},
      {"in use", kPeer, true, false, true, false, false, false},
      {"in use, and shared", kPeer, true, false, true, false, true, true},
      {"in use, shared, and heard since", kPeer, true, false, true, true, true, false},
      {"still being opened", kPeer, false, true, true, false, true, false},
  };
  for (const Row& row : rows) {
    const FileDescriptor socket = MakeSocket(false);
    const int fd = socket.get();
    ASSERT_THAT(watch_.Opened(fd, row.peer), IsOk());
    if (row.established) watch_.Established(fd);
    if (!row.idle) {
      ASSERT_THAT(watch_.Want(fd, EPOLLIN), IsOk());
    }
    if (row.heard_before) watch_.Heard(fd);
    const SocketWatch::Moment mark = watch_.Mark();
    if (row.heard_since) watch_.Heard(fd);
    (void)watch_.Mark();
    watch_.CutSilent(kPeer, mark, row.shared);
    char byte;
    EXPECT_THAT(recv(fd, &byte, 1, MSG_DONTWAIT), Eq(row.cut ? 0 : -1)) << row.situation;
    watch_.WantNothing(fd);
    watch_.Closed(fd);
  }
}

TEST_F(SocketWatchTest, IgnoresSocketsItWasNeverToldAbout) {
  EXPECT_THAT(watch_.Wanted(1000), Eq(0U));
  watch_.WantNothing(1000);
}

TEST_F(SocketWatchTest, FailsIfASocketCannotBeWatched) {
  EXPECT_FALSE(watch_.Want(1000, EPOLLIN).ok());
}

}  // namespace
}  // namespace uid2
