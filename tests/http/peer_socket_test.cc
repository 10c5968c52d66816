// SPDX-License-Identifier: Apache-2.0

#include "server/http/peer_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::Ne;

int Option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  EXPECT_EQ(getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

TEST(PeerSocketTest, HasEveryOption) {
  for (const int family : {AF_INET, AF_INET6}) {
    const absl::StatusOr<FileDescriptor> socket = OpenPeerSocket(family, absl::Milliseconds(7001));
    ASSERT_THAT(socket, IsOk());
    const int fd = socket->get();
    EXPECT_THAT(Option(fd, SOL_SOCKET, SO_DOMAIN), Eq(family));
    EXPECT_THAT(Option(fd, SOL_SOCKET, SO_PROTOCOL), Eq(IPPROTO_TCP));
    EXPECT_THAT(Option(fd, IPPROTO_TCP, TCP_NODELAY), Eq(1));
    EXPECT_THAT(Option(fd, SOL_SOCKET, SO_KEEPALIVE), Eq(1));
    EXPECT_THAT(Option(fd, IPPROTO_TCP, TCP_KEEPIDLE), Eq(15));
    EXPECT_THAT(Option(fd, IPPROTO_TCP, TCP_KEEPINTVL), Eq(5));
    EXPECT_THAT(Option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), Eq(7001));
    EXPECT_THAT(fcntl(fd, F_GETFL) & O_NONBLOCK, Ne(0));
    EXPECT_THAT(fcntl(fd, F_GETFD) & FD_CLOEXEC, Ne(0));
  }
}

TEST(PeerSocketTest, ATimeoutWithoutAnEndIsTheSystemsLongest) {
  const absl::StatusOr<FileDescriptor> socket = OpenPeerSocket(AF_INET, absl::InfiniteDuration());
  ASSERT_THAT(socket, IsOk());
  EXPECT_THAT(Option(socket->get(), IPPROTO_TCP, TCP_USER_TIMEOUT), Eq(0x7fffffff));
}

TEST(PeerSocketTest, TheUserTimeoutIsTheLongestLimitButNotTooShort) {
  EXPECT_THAT(UserTimeout(absl::Seconds(1), absl::Seconds(2)), Eq(absl::Seconds(5)));
  EXPECT_THAT(UserTimeout(absl::Seconds(1), absl::Seconds(20)), Eq(absl::Seconds(20)));
  EXPECT_THAT(UserTimeout(absl::Seconds(30), absl::Seconds(20)), Eq(absl::Seconds(30)));
}

TEST(PeerSocketTest, AFamilyThatTcpDoesNotHaveIsAnError) {
  EXPECT_FALSE(OpenPeerSocket(AF_UNIX, absl::Seconds(5)).ok());
}

}  // namespace
}  // namespace uid2::testing
