// SPDX-License-Identifier: Apache-2.0

#include "server/config/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

TEST(ParseListenAddressTest, AcceptsHostAndPort) {
  struct Row {
    const char* text;
    const char* host;
    int port;
  };
  for (const Row& row :
       {Row{"127.0.0.1:50051", "127.0.0.1", 50051}, Row{"localhost:0", "localhost", 0},
        Row{"[::1]:65535", "::1", 65535}, Row{"[::]:1", "::", 1}}) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(row.text);
    ASSERT_THAT(address, IsOk()) << row.text;
    EXPECT_THAT(address->host, Eq(row.host));
    EXPECT_THAT(address->port, Eq(row.port));
  }
}

TEST(ParseListenAddressTest, RejectsEverythingElse) {
  for (const char* text : {"",
                           ":",
                           "localhost",
                           ":50051",
                           "127.0.0.1:",
                           "127.0.0.1:x",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "::1:50051",
                           "[]:1",
                           "50051",
                           "127.0.0.1: 80",
                           "127.0.0.1:80 ",
                           "127.0.0.1:+80",
                           "127.0.0.1:080",
                           "[127.0.0.1]:80",
                           "[localhost]:80",
                           "[::1:80",
                           "::1]:80",
                           " 127.0.0.1:80",
                           "127.0.0.1 :80",
                           "127.0.0.256:80",
                           "*:80",
                           "http://localhost:80"}) {
    EXPECT_THAT(ParseListenAddress(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOST:PORT")))
        << text;
  }
}

TEST(CheckListenAddressTest, AllowsOnlyLoopbackUnlessClientsAreAuthenticatedOrInsecureIsSet) {
  for (const char* text : {"127.0.0.1:0", "127.8.9.1:0", "[::1]:0", "localhost:0", "LOCALHOST:0"}) {
    EXPECT_THAT(CheckListenAddress(text, /*authenticated=*/false, /*insecure=*/false), IsOk())
        << text;
  }
  for (const char* text : {"0.0.0.0:0", "[::]:0", "10.0.0.1:0", "128.0.0.1:0", "example.com:0",
                           "localhost.example.com:0", "127.0.0.1.example.com:0"}) {
    EXPECT_THAT(CheckListenAddress(text, /*authenticated=*/false, /*insecure=*/false),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("client_ca_file"), HasSubstr("insecure: true"))))
        << text;
    EXPECT_THAT(CheckListenAddress(text, /*authenticated=*/true, /*insecure=*/false), IsOk());
    EXPECT_THAT(CheckListenAddress(text, /*authenticated=*/false, /*insecure=*/true), IsOk());
  }
}

TEST(ExplainListenFailureTest, SaysThatThePortIsTakenAndWhatToDo) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_THAT(bind(listener, generic, size), Eq(0));
  ASSERT_THAT(listen(listener, 1), Eq(0));
  ASSERT_THAT(getsockname(listener, generic, &size), Eq(0));
  const std::string text = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  EXPECT_THAT(ExplainListenFailure(text),
              HasSubstr(absl::StrCat("cannot listen on ", text,
                                     ": Address already in use; stop the process that uses it")));
  close(listener);
}

TEST(ExplainListenFailureTest, SaysThatTheAddressIsNotThisMachines) {
  // 192.0.2.0/24 is reserved for documentation (RFC 5737).
  EXPECT_THAT(ExplainListenFailure("192.0.2.1:1"), HasSubstr("no interface of this machine"));
}

}  // namespace
}  // namespace uid2
