// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/plain_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/wire/byte_stream.h"
#include "tests/http/wire/socket_pair.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using Wait = ByteStream::Wait;

class PlainStreamTest : public ::testing::Test {
 protected:
  void Open(bool small_buffers = false) {
    SocketPair sockets = Connect(small_buffers);
    client_.emplace(std::move(sockets.client));
    server_ = std::move(sockets.server);
  }

  ByteStream::Progress Receive(size_t size) {
    received_.resize(size);
    const auto progress = client_->Receive(absl::MakeSpan(received_));
    EXPECT_THAT(progress, IsOk());
    received_.resize(progress->bytes);
    return *progress;
  }

  absl::optional<PlainStream> client_;
  FileDescriptor server_;
  std::string received_;
};

TEST_F(PlainStreamTest, NeedsNoHandshake) {
  Open();
  EXPECT_THAT(client_->Handshake().value(), Eq(Wait::kNone));
}

TEST_F(PlainStreamTest, ReceivesWhatHasArrived) {
  Open();
  EXPECT_THAT(Receive(10).wait, Eq(Wait::kRead));
  EXPECT_THAT(received_, Eq(""));
  ASSERT_THAT(send(server_.get(), "0123456789", 10, 0), Eq(10));
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  // There may be more.
  EXPECT_THAT(Receive(4).wait, Eq(Wait::kNone));
  EXPECT_THAT(received_, Eq("0123"));
  EXPECT_THAT(Receive(7).wait, Eq(Wait::kRead));
  EXPECT_THAT(received_, Eq("456789"));
  server_ = FileDescriptor();
  EXPECT_TRUE(Receive(10).end);
}

TEST_F(PlainStreamTest, AWriteThatDoesNotFitGoesOnLater) {
  Open(/*small_buffers=*/true);
  const std::string request(1'000'000, 'r');
  size_t sent = 0;
  size_t received = 0;
  bool waited = false;
  while (received < request.size()) {
    if (sent < request.size()) {
      const auto progress = client_->Send(absl::string_view(request).substr(sent));
      ASSERT_THAT(progress, IsOk());
      sent += progress->bytes;
      waited |= progress->wait == Wait::kWrite;
      EXPECT_THAT(progress->wait == Wait::kNone, Eq(sent == request.size()));
    }
    char buffer[65536];
    ASSERT_TRUE(Await(server_.get(), POLLIN));
    received += static_cast<size_t>(recv(server_.get(), buffer, sizeof(buffer), 0));
  }
  EXPECT_TRUE(waited);
}

// The default action of SIGPIPE would end the test.
TEST_F(PlainStreamTest, AResetConnectionFailsWithoutASignal) {
  Open();
  Reset(std::move(server_));
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  EXPECT_THAT(
      client_->Send("request"),
      StatusIs(absl::StatusCode::kUnavailable,
               "the connection broke while the request was sent: Connection reset by peer"));
  EXPECT_THAT(client_->Send("request"),
              StatusIs(absl::StatusCode::kUnavailable,
                       "the connection broke while the request was sent: Broken pipe"));
  Open();
  Reset(std::move(server_));
  ASSERT_TRUE(Await(*client_, Wait::kRead));
  char buffer[16];
  EXPECT_THAT(
      client_->Receive(absl::MakeSpan(buffer)),
      StatusIs(absl::StatusCode::kUnavailable,
               "the connection broke before the reply was complete: Connection reset by peer"));
}

}  // namespace
}  // namespace uid2::testing
