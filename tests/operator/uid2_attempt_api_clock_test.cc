// SPDX-License-Identifier: Apache-2.0

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/operator/attempt_failure.h"
#include "server/status/reason.h"
#include "tests/operator/uid2_attempt_api_fixture.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using uid2::testing::kSuccess;
using uid2::testing::Uid2AttemptApiFixture;

constexpr char kInvalidTimestamp[] = R"({"message":"Invalid timestamp","status":"client_error"})";

HttpReply Reply(int status, const std::string& body, const std::string& date = "") {
  HttpReply reply;
  reply.status = status;
  reply.body = body;
  reply.date = date;
  return reply;
}

class Uid2AttemptApiClockTest : public Uid2AttemptApiFixture {
 protected:
  // The time `ahead` of the local clock, as a Date field.
  std::string DateAhead(absl::Duration ahead) const {
    return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", clock_.Now() + ahead, absl::UTCTimeZone());
  }

  // A generate call answered by an operator whose clock is `ahead` of the local one.
  void GenerateOk(absl::Duration ahead, const std::string& date = "") {
    Generate();
    http_.Answer(Reply(200, SealReply(kSuccess, clock_.Now() + ahead), date));
    EXPECT_TRUE(absl::holds_alternative<TokenGenerateReply>(*generated_));
  }

  FailureKind RejectionKind(const std::string& date = "") {
    http_.Answer(Reply(400, kInvalidTimestamp, date));
    EXPECT_THAT(generate_failure().reason, Eq(identity::v1::CLOCK_SKEW));
    return generate_failure().kind;
  }
};

TEST_F(Uid2AttemptApiClockTest, TheTimeOfASealedReplyStampsTheNextRequest) {
  GenerateOk(absl::Seconds(60));
  EXPECT_THAT(operator_clock_.offset(), Optional(absl::Seconds(60)));
  clock_.StepNow(absl::Hours(-1));
  clock_.Advance(absl::Milliseconds(500));
  Generate();
  EXPECT_THAT(PostedTime(), Eq(clock_.Now() + absl::Hours(1) + absl::Seconds(60)));
  http_.Answer(500, "");
}

TEST_F(Uid2AttemptApiClockTest, TheTimeOfAnOptOutReplyIsLearnedToo) {
  Generate();
  http_.Answer(200, SealReply(R"({"status":"optout"})", clock_.Now() + absl::Seconds(60)));
  EXPECT_THAT(operator_clock_.offset(), Optional(absl::Seconds(60)));
}

TEST_F(Uid2AttemptApiClockTest, NothingIsLearnedFromAReplyThatCannotBeOpened) {
  Generate();
  const std::string other = SealReply(kSuccess, clock_.Now() + absl::Hours(1));
  http_.Answer(500, "");
  Generate();
  http_.Answer(Reply(200, other, DateAhead(absl::Hours(1))));
  EXPECT_THAT(generate_failure().reason, Eq(identity::v1::OPERATOR_REPLY_INVALID));
  EXPECT_THAT(operator_clock_.offset(), Eq(absl::nullopt));
}

TEST_F(Uid2AttemptApiClockTest, TheDateOfEveryOtherReplyIsLearned) {
  absl::Duration ahead = absl::Minutes(1);
  for (const int status : {401, 404, 429, 500, 503}) {
    Generate();
    http_.Answer(Reply(status, "", DateAhead(ahead)));
    EXPECT_THAT(operator_clock_.offset(), Optional(ahead)) << status;
    ahead += absl::Minutes(1);
    Refresh();
    http_.Answer(Reply(status, "", DateAhead(ahead)));
    EXPECT_THAT(operator_clock_.offset(), Optional(ahead)) << status;
    ahead += absl::Minutes(1);
  }
  Refresh();
  http_.Answer(
      Reply(200, vectors_["refresh_replies"].GetArray()[0]["reply"].GetString(), DateAhead(ahead)));
  EXPECT_TRUE(absl::holds_alternative<TokenRefreshReply>(*refreshed_));
  EXPECT_THAT(operator_clock_.offset(), Optional(ahead));
}

TEST_F(Uid2AttemptApiClockTest, TheSealedTimeTakesPrecedenceOverItsOwnAndLaterDates) {
  GenerateOk(absl::Seconds(60), DateAhead(absl::Hours(1)));
  EXPECT_THAT(operator_clock_.offset(), Optional(absl::Seconds(60)));
  Refresh();
  http_.Answer(Reply(500, "", DateAhead(absl::Hours(1))));
  EXPECT_THAT(operator_clock_.offset(), Optional(absl::Seconds(60)));
}

TEST_F(Uid2AttemptApiClockTest, ARejectedTimestampIsClockSkewAndRetriedOnlyIfABetterTimeIsKnown) {
  Generate();
  EXPECT_THAT(RejectionKind(), Eq(FailureKind::kRejected));
  EXPECT_TRUE(http_.idle());
  Generate();
  EXPECT_THAT(RejectionKind("tomorrow"), Eq(FailureKind::kRejected));
  Generate();
  EXPECT_THAT(RejectionKind(DateAhead(absl::ZeroDuration())), Eq(FailureKind::kRejected));
  Generate();
  EXPECT_THAT(RejectionKind(DateAhead(absl::Hours(1))), Eq(FailureKind::kTimestampRejected));
  EXPECT_TRUE(http_.idle());
  Generate();
  EXPECT_THAT(PostedTime(), Eq(clock_.Now() + absl::Hours(1)));
  // So the date was wrong: back to the local clock, whatever later dates say.
  EXPECT_THAT(RejectionKind(DateAhead(absl::Hours(1))), Eq(FailureKind::kTimestampRejected));
  Generate();
  EXPECT_THAT(PostedTime(), Eq(clock_.Now()));
  http_.Answer(Reply(500, "", DateAhead(absl::Hours(1))));
  Generate();
  EXPECT_THAT(PostedTime(), Eq(clock_.Now()));
  EXPECT_THAT(RejectionKind(DateAhead(absl::Hours(1))), Eq(FailureKind::kRejected));
}

TEST_F(Uid2AttemptApiClockTest, CallsRejectedAfterTheCorrectionAreRetriedAndDoNotUndoIt) {
  for (int i = 0; i < 100; ++i) Generate();
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(RejectionKind(DateAhead(absl::Hours(1))), Eq(FailureKind::kTimestampRejected));
    EXPECT_THAT(operator_clock_.offset(), Optional(absl::Hours(1)));
  }
}

TEST_F(Uid2AttemptApiClockTest, ARetryAfterDateIsRelativeToTheReplysDateOrTheOperatorsClock) {
  const struct {
    const char* situation;
    std::string date;
    std::string retry_after;
    absl::optional<absl::Duration> wait;
  } rows[] = {
      {"seconds need no clock", DateAhead(absl::Hours(1)), "7", absl::Seconds(7)},
      {"against the reply's date", DateAhead(absl::Hours(-2)),
       DateAhead(absl::Hours(-2) + absl::Seconds(30)), absl::Seconds(30)},
      {"against the operator's clock", "", DateAhead(absl::Hours(1) + absl::Seconds(30)),
       absl::Seconds(30)},
      {"past by the operator's clock", "", DateAhead(absl::Seconds(30)), absl::nullopt},
  };
  GenerateOk(absl::Hours(1));
  for (const auto& row : rows) {
    HttpReply reply = Reply(503, "", row.date);
    reply.retry_after = row.retry_after;
    Generate();
    http_.Answer(reply);
    EXPECT_THAT(generate_failure().retry_after, Eq(row.wait)) << row.situation;
    Refresh();
    http_.Answer(reply);
    EXPECT_THAT(refresh_failure().retry_after, Eq(row.wait)) << row.situation;
  }
}

}  // namespace
}  // namespace uid2
