// SPDX-License-Identifier: Apache-2.0

#include "server/app/admin_port.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/listen_address.h"
#include "server/event/file_descriptor.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

class AdminPortTest : public ::testing::Test {
 protected:
  void Start() {
    auto port = AdminPort::Start(
        "127.0.0.1:0",
        {[this] { return metrics_; }, [this] { return live_; }, [this] { return ready_; }});
    ASSERT_THAT(port, IsOk());
    port_ = *std::move(port);
  }

  // The whole response.
  std::string Get(const std::string& path) const {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(ParseListenAddress(port_->address())->port));
    const FileDescriptor connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const std::string request = absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string response;
    char buffer[4096];
    for (ssize_t size; (size = recv(connection.get(), buffer, sizeof(buffer), 0)) > 0;) {
      response.append(buffer, static_cast<size_t>(size));
    }
    return response;
  }

  // Set before Start().
  std::string metrics_;
  absl::Status live_;
  absl::Status ready_;
  std::unique_ptr<AdminPort> port_;
};

TEST_F(AdminPortTest, WhatIsWellIsOk) {
  Start();
  for (const char* path : {"/livez", "/readyz"}) {
    EXPECT_THAT(Get(path), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nok\n")));
  }
}

TEST_F(AdminPortTest, EachProbeHasItsOwnReason) {
  live_ = absl::UnavailableError("not alive");
  ready_ = absl::UnavailableError("not ready");
  Start();
  EXPECT_THAT(Get("/livez"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nnot alive\n")));
  EXPECT_THAT(Get("/readyz"), AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nnot ready\n")));
}

TEST_F(AdminPortTest, MetricsAreServedAsTheyAre) {
  metrics_ = std::string(1 << 20, 'm');
  Start();
  EXPECT_THAT(Get("/metrics"),
              AllOf(HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
                    EndsWith(absl::StrCat("\r\n\r\n", metrics_))));
}

TEST_F(AdminPortTest, APortThatIsTakenIsAnErrorThatNamesTheField) {
  Start();
  EXPECT_THAT(AdminPort::Start(port_->address(), {}),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(StartsWith(absl::StrCat("admin_address: cannot listen on ",
                                                     port_->address(), ": Address already in use")),
                             HasSubstr("set admin_address to another port"))));
}

TEST_F(AdminPortTest, ItsPortIsFreeAfterwards) {
  Start();
  const std::string address = port_->address();
  port_.reset();
  EXPECT_THAT(ListenOn(address, "admin_address"), IsOk());
}

}  // namespace
}  // namespace uid2
