// SPDX-License-Identifier: Apache-2.0

#include "server/service/participant.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/status/reason.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using uid2::testing::HasReason;
using uid2::testing::IsOk;
using uid2::testing::SimulatedClock;

// Not read in these tests.
const SimulatedClock kClock(absl::UnixEpoch());

Participants Make(const std::vector<std::string>& names) {
  std::vector<Participant> participants;
  for (const std::string& name : names) {
    participants.push_back({name, DiiPolicy::kStrict, nullptr, kClock});
  }
  return Participants(std::move(participants));
}

TEST(ParticipantsTest, FindsByName) {
  const Participants participants = Make({"a", "b"});
  ASSERT_THAT(participants.Find("b"), IsOk());
  EXPECT_THAT((*participants.Find("b"))->name, Eq("b"));
}

TEST(ParticipantsTest, AnEmptyNameMeansTheOnlyOne) {
  const Participants one = Make({"a"});
  ASSERT_THAT(one.Find(""), IsOk());
  EXPECT_THAT((*one.Find(""))->name, Eq("a"));
  EXPECT_THAT(Make({"a", "b"}).Find(""), HasReason(identity::v1::PARTICIPANT_MISSING));
}

TEST(ParticipantsTest, AnUnknownNameIsRejectedAndNotRepeatedInTheError) {
  const absl::Status status = Make({"a"}).Find("user@example.com").status();
  EXPECT_THAT(status, HasReason(identity::v1::PARTICIPANT_UNKNOWN));
  EXPECT_THAT(FieldOf(status), Eq("participant"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("user@example.com")));
  EXPECT_THAT(Make({"a"}).Find("A"), HasReason(identity::v1::PARTICIPANT_UNKNOWN));
}

}  // namespace
}  // namespace uid2
