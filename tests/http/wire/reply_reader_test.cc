// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_reader.h"

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

constexpr char kReply[] =
    "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nDate: today\r\nContent-Length: 4\r\n\r\nbody";
constexpr char kInterim[] = "HTTP/1.1 103 Early Hints\r\nDate: early\r\nRetry-After: 1\r\n\r\n";

void ExpectReply(const absl::StatusOr<absl::optional<HttpReply>>& result) {
  ASSERT_THAT(result, IsOk());
  ASSERT_TRUE(result->has_value());
  const HttpReply& reply = **result;
  EXPECT_THAT(reply.status, Eq(503));
  EXPECT_THAT(reply.body, Eq("body"));
  EXPECT_THAT(reply.retry_after, Eq("7"));
  EXPECT_THAT(reply.date, Eq("today"));
  EXPECT_THAT(reply.peer, IsEmpty());
}

void ExpectNothing(const absl::StatusOr<absl::optional<HttpReply>>& result) {
  ASSERT_THAT(result, IsOk());
  EXPECT_FALSE(result->has_value());
}

TEST(ReplyReaderTest, ReadsAReplyInOnePieceOrCutAnywhere) {
  for (const std::string& text : {std::string(kReply), kInterim + std::string(kReply)}) {
    for (size_t cut = 0; cut < text.size(); ++cut) {
      ReplyReader reader(1000);
      ExpectNothing(reader.Read(text.substr(0, cut)));
      EXPECT_THAT(reader.begun(), Eq(cut != 0));
      ExpectReply(reader.Read(text.substr(cut)));
      EXPECT_FALSE(reader.begun());
      EXPECT_TRUE(reader.keep_alive());
    }
  }
}

TEST(ReplyReaderTest, ReadsOneReplyAfterAnother) {
  ReplyReader reader(1000);
  for (int i = 0; i < 3; ++i) {
    ExpectReply(reader.Read(kReply));
    ExpectNothing(reader.Read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"));
    const absl::StatusOr<absl::optional<HttpReply>> reply = reader.Read("\r\nx");
    ASSERT_THAT(reply, IsOk());
    // Nothing of the reply before.
    EXPECT_THAT((*reply)->date, IsEmpty());
    EXPECT_THAT((*reply)->body, Eq("x"));
  }
}

TEST(ReplyReaderTest, AConnectionWithBytesAfterTheReplyIsNotKept) {
  ReplyReader reader(1000);
  ExpectReply(reader.Read(std::string(kReply) + "x"));
  EXPECT_FALSE(reader.keep_alive());
  ReplyReader cut(1000);
  ExpectNothing(cut.Read("H"));
  ExpectReply(cut.Read(std::string(kReply + 1) + "HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(cut.keep_alive());
}

TEST(ReplyReaderTest, AReplyMayEndWithItsConnection) {
  ReplyReader reader(1000);
  ExpectNothing(reader.Read("HTTP/1.0 503 Busy\r\nRetry-After: 7\r\nDate: today\r\n\r\nbo"));
  ExpectNothing(reader.Read("dy"));
  const absl::StatusOr<HttpReply> reply = reader.End();
  ASSERT_THAT(reply, IsOk());
  ExpectReply(absl::optional<HttpReply>(*reply));
  EXPECT_FALSE(reader.keep_alive());
}

TEST(ReplyReaderTest, AReplyThatHasNotBegunOrIsCutOffIsAFailure) {
  ReplyReader silent(1000);
  EXPECT_THAT(silent.End(), StatusIs(absl::StatusCode::kUnavailable,
                                     "the peer closed the connection without a reply"));
  ReplyReader between(1000);
  ExpectReply(between.Read(kReply));
  EXPECT_THAT(between.End(), StatusIs(absl::StatusCode::kUnavailable,
                                      "the peer closed the connection without a reply"));
  ReplyReader cut(1000);
  ExpectNothing(cut.Read(std::string(kReply, 50)));
  EXPECT_THAT(cut.End(), StatusIs(absl::StatusCode::kUnavailable,
                                  "the peer closed the connection before the reply was complete"));
}

// A request must not be sent again once its reply has begun, even if that is refused at once.
TEST(ReplyReaderTest, AReplyThatIsRefusedHasBegun) {
  ReplyReader reader(3);
  EXPECT_FALSE(reader.begun());
  EXPECT_THAT(reader.Read(kReply), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(reader.begun());
  ReplyReader interim(3);
  ExpectNothing(interim.Read(kInterim));
  EXPECT_TRUE(interim.begun());
}

}  // namespace
}  // namespace uid2::testing
