// SPDX-License-Identifier: Apache-2.0

#include "server/http/reply_timeout.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace uid2 {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct Event {
  enum { kReply, kTimeout } kind;
  milliseconds time;
};

struct Row {
  std::string situation;
  std::vector<Event> events;
  milliseconds least;
  milliseconds most;
};

std::vector<Event> Replies(int count, milliseconds time) {
  return std::vector<Event>(static_cast<size_t>(count), {Event::kReply, time});
}

std::vector<Event> Then(std::vector<Event> events, std::vector<Event> more) {
  events.insert(events.end(), more.begin(), more.end());
  return events;
}

TEST(ReplyTimeoutTest, FollowsReplies) {
  const milliseconds zero(0);
  const std::vector<Event> timeout = {{Event::kTimeout, milliseconds(500)}};
  const Row rows[] = {
      {"no reply yet", {}, zero, zero},
      {"one reply: three times as long", Replies(1, milliseconds(10)), milliseconds(30),
       milliseconds(30)},
      {"steady replies: hardly longer", Replies(50, milliseconds(10)), milliseconds(10),
       milliseconds(11)},
      {"a reply slower than usual",
       Then(Replies(50, milliseconds(10)), Replies(1, milliseconds(50))), milliseconds(50),
       milliseconds(60)},
      {"a server that has become slow",
       Then(Replies(50, milliseconds(10)), Replies(50, milliseconds(800))), milliseconds(800),
       milliseconds(900)},
      {"a server that has become fast",
       Then(Replies(50, milliseconds(800)), Replies(80, milliseconds(10))), milliseconds(10),
       milliseconds(30)},
      {"a timeout before the first reply", timeout, milliseconds(1000), milliseconds(1000)},
      {"a timeout after fast replies", Then(Replies(50, milliseconds(10)), timeout),
       milliseconds(1000), milliseconds(1000)},
      {"two timeouts", Then(timeout, timeout), milliseconds(2000), milliseconds(2000)},
      {"a reply after timeouts",
       Then(Then(Replies(50, milliseconds(10)), Then(timeout, timeout)),
            Replies(1, milliseconds(10))),
       milliseconds(10), milliseconds(11)},
      {"timeouts for ever", std::vector<Event>(200, timeout[0]), hours(1), hours(1)},
  };
  for (const Row& row : rows) {
    ReplyTimeout reply_timeout;
    for (const Event& event : row.events) {
      if (event.kind == Event::kReply) {
        reply_timeout.OnReply(event.time);
      } else {
        reply_timeout.OnTimeout(event.time);
      }
    }
    EXPECT_TRUE(reply_timeout.value() >= row.least && reply_timeout.value() <= row.most)
        << row.situation << ": " << reply_timeout.value().count() << " ns";
  }
}

}  // namespace
}  // namespace uid2
