// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_head.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_client.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::IsEmpty;

using Framing = ReplyHead::Framing;

TEST(ReplyHeadTest, AStatusLineHasAVersionThatWeSpeakAndThreeDigits) {
  for (const char* line : {"HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 200 ", "HTTP/1.1 200",
                           "HTTP/1.1 200 Not  \t what it seems"}) {
    ReplyHead head;
    HttpReply reply;
    EXPECT_TRUE(head.AddStatusLine(line, reply)) << line;
    EXPECT_THAT(reply.status, Eq(200)) << line;
  }
  for (const char* line : {"",
                           "HTTP/1.1",
                           "HTTP/1.1 ",
                           "HTTP/1.1 20",
                           "HTTP/1.1 2000",
                           "HTTP/1.1 200OK",
                           "HTTP/1.1  200 OK",
                           "HTTP/1.1\t200 OK",
                           " HTTP/1.1 200 OK",
                           "http/1.1 200 OK",
                           "HTTP/1.2 200 OK",
                           "HTTP/1.10 200 OK",
                           "HTTP/2 200",
                           "HTTP/2.0 200 OK",
                           "HTTP/0.9 200 OK",
                           "HTTP/11 200 OK",
                           "HTTP/1,1 200 OK",
                           "ICY 200 OK",
                           "HTTP/1.1 2x0 OK",
                           "HTTP/1.1 +20 OK",
                           "HTTP/1.1 099 OK",
                           "HTTP/1.1 000 OK",
                           "HTTP/1.1 -20 OK"}) {
    ReplyHead head;
    HttpReply reply;
    EXPECT_FALSE(head.AddStatusLine(line, reply)) << line;
  }
}

TEST(ReplyHeadTest, AStatusFrom100To999IsAcceptedExcept101) {
  for (int status = 0; status < 1000; ++status) {
    ReplyHead head;
    HttpReply reply;
    std::string digits = std::to_string(status);
    digits.insert(0, 3 - digits.size(), '0');
    EXPECT_THAT(head.AddStatusLine("HTTP/1.1 " + digits, reply), Eq(status >= 100 && status != 101))
        << status;
  }
}

TEST(ReplyHeadTest, AFieldHasANameDirectlyBeforeTheColon) {
  for (const char* line : {"Name: value", "name:value", "name:", "n!#$%&'*+-.^_`|~9: \t", "a:b:c",
                           "Name: caf\xc3\xa9"}) {
    HttpReply reply;
    EXPECT_TRUE(IsFieldLine(line)) << line;
    EXPECT_TRUE(ReplyHead().AddField(line, reply)) << line;
  }
  for (const char* line :
       {"", "Name", "Name value", ": value", "Name : value", "Name\t: value", " Name: value",
        "\tfolded", "N(ame: value", "N\"ame: value", "Na me: value", "caf\xc3\xa9: value"}) {
    HttpReply reply;
    EXPECT_FALSE(IsFieldLine(line)) << line;
    EXPECT_FALSE(ReplyHead().AddField(line, reply)) << line;
  }
}

TEST(ReplyHeadTest, DateAndRetryAfterAreTheFirstOfTheirNameWithoutWhiteSpaceAround) {
  ReplyHead head;
  HttpReply reply;
  for (const char* line : {"DATE: \t Mon, 01 Jan 2024 \t", "retry-after:17", "Date: other",
                           "Retry-After: 18", "Dato: x", "Retry-Aftee: x"}) {
    ASSERT_TRUE(head.AddField(line, reply)) << line;
  }
  EXPECT_THAT(reply.date, Eq("Mon, 01 Jan 2024"));
  EXPECT_THAT(reply.retry_after, Eq("17"));
  // An empty one is the first, too.
  HttpReply other;
  ReplyHead empty;
  ASSERT_TRUE(empty.AddField("Date:", other) && empty.AddField("Date: x", other));
  EXPECT_THAT(other.date, IsEmpty());
}

struct Case {
  std::string situation;
  std::string status_line;
  std::vector<std::string> fields;
  // None if the head must be refused.
  absl::optional<Framing> framing;
  bool keep_alive = true;
  int64_t length = 0;
};

std::vector<Case> Cases() {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const std::string ok = "HTTP/1.1 200 OK";
  const std::string old = "HTTP/1.0 200 OK";
  const std::string length = "Content-Length: 5";
  const std::string chunked = "Transfer-Encoding: chunked";
  return {
      {"a length", ok, {length}, Framing::kLength, true, 5},
      {"a length of 0", ok, {"content-length:\t0 "}, Framing::kLength, true, 0},
      {"a length with zeros", ok, {"CONTENT-LENGTH: 005"}, Framing::kLength, true, 5},
      {"the same length twice", ok, {length, "Content-Length: 05"}, Framing::kLength, true, 5},
      {"the largest length",
       ok,
       {"Content-Length: 9223372036854775807"},
       Framing::kLength,
       true,
       kMax},
      {"a larger length",
       ok,
       {"Content-Length: 9223372036854775808"},
       Framing::kLength,
       true,
       kMax},
      {"a length of 30 digits",
       ok,
       {"Content-Length: " + std::string(30, '9')},
       Framing::kLength,
       true,
       kMax},
      {"two lengths", ok, {length, "Content-Length: 6"}, {}},
      {"a list of lengths", ok, {"Content-Length: 5, 5"}, {}},
      {"no digits", ok, {"Content-Length:"}, {}},
      {"a sign", ok, {"Content-Length: +5"}, {}},
      {"a negative length", ok, {"Content-Length: -5"}, {}},
      {"a fraction", ok, {"Content-Length: 5.0"}, {}},
      {"a hexadecimal length", ok, {"Content-Length: 0x5"}, {}},
      {"chunked", ok, {"transfer-encoding: Chunked"}, Framing::kChunked},
      {"chunked and a length", ok, {chunked, length}, {}},
      {"a length and chunked", ok, {length, chunked}, {}},
      {"a length of 0 and chunked", ok, {"Content-Length: 0", chunked}, {}},
      {"chunked twice", ok, {chunked, chunked}, {}},
      {"chunked twice in a list", ok, {"Transfer-Encoding: chunked, chunked"}, {}},
      {"another coding", ok, {"Transfer-Encoding: gzip, chunked"}, {}},
      {"only another coding", ok, {"Transfer-Encoding: identity"}, {}},
      {"an empty coding", ok, {"Transfer-Encoding:"}, {}},
      {"chunked with a parameter", ok, {"Transfer-Encoding: chunked;q=1"}, {}},
      {"almost chunked", ok, {"Transfer-Encoding: xchunked"}, {}},
      {"no length", ok, {}, Framing::kUntilClose, false},
      {"no length, kept alive", ok, {"Connection: keep-alive"}, Framing::kUntilClose, false},
      {"close", ok, {length, "Connection: Close"}, Framing::kLength, false, 5},
      {"close in a list", ok, {length, "Connection: TE,\tclose , x"}, Framing::kLength, false, 5},
      {"close in a second field",
       ok,
       {length, "Connection: keep-alive", "Connection: close"},
       Framing::kLength,
       false,
       5},
      {"no close", ok, {length, "Connection: closed, xclose,, clos"}, Framing::kLength, true, 5},
      {"HTTP/1.0", old, {length}, Framing::kLength, false, 5},
      {"HTTP/1.0, kept alive", old, {length, "Connection: Keep-Alive"}, Framing::kLength, true, 5},
      {"HTTP/1.0, both",
       old,
       {length, "Connection: keep-alive, close"},
       Framing::kLength,
       false,
       5},
      {"HTTP/1.0, chunked", old, {chunked}, {}},
      {"HTTP/1.0 without a length", old, {}, Framing::kUntilClose, false},
      {"204", "HTTP/1.1 204 No Content", {}, Framing::kNoBody},
      {"204 with a length of 0", "HTTP/1.1 204", {"Content-Length: 0"}, Framing::kNoBody},
      {"204 with a length", "HTTP/1.1 204", {length}, Framing::kNoBody, false},
      {"204, chunked", "HTTP/1.1 204", {chunked}, Framing::kNoBody, false},
      {"304", "HTTP/1.1 304", {}, Framing::kNoBody},
      {"304 with a length", "HTTP/1.1 304", {length}, Framing::kNoBody, false},
      {"205", "HTTP/1.1 205", {}, Framing::kUntilClose, false},
      {"100", "HTTP/1.1 100", {}, Framing::kNoBody},
      {"103 with fields", "HTTP/1.1 103", {"Link: x"}, Framing::kNoBody},
      {"100 with a length of 0", "HTTP/1.1 100", {"Content-Length: 0"}, Framing::kNoBody},
      {"100 with a length", "HTTP/1.1 100", {length}, {}},
      {"100, chunked", "HTTP/1.1 100", {chunked}, {}},
  };
}

TEST(ReplyHeadTest, FindsTheEndOfTheBodyOrRefusesTheHead) {
  for (const Case& c : Cases()) {
    ReplyHead head;
    HttpReply reply;
    bool valid = head.AddStatusLine(c.status_line, reply);
    for (const std::string& field : c.fields) valid = valid && head.AddField(field, reply);
    valid = valid && head.Complete();
    ASSERT_THAT(valid, Eq(c.framing.has_value())) << c.situation;
    if (!valid) continue;
    EXPECT_THAT(head.framing(), Eq(*c.framing)) << c.situation;
    EXPECT_THAT(head.keep_alive(), Eq(c.keep_alive)) << c.situation;
    if (c.framing == Framing::kLength) {
      EXPECT_THAT(head.length(), Eq(c.length)) << c.situation;
    }
    EXPECT_THAT(head.interim(), Eq(reply.status < 200)) << c.situation;
  }
}

TEST(ReplyHeadTest, AnotherHeadForgetsTheFirst) {
  ReplyHead head;
  HttpReply reply;
  ASSERT_TRUE(head.AddStatusLine("HTTP/1.0 100 Continue", reply));
  ASSERT_TRUE(head.AddField("Content-Length: 0", reply));
  ASSERT_TRUE(head.AddField("Connection: close", reply));
  ASSERT_TRUE(head.Complete());
  ASSERT_TRUE(head.AddStatusLine("HTTP/1.1 200 OK", reply));
  ASSERT_TRUE(head.AddField("Transfer-Encoding: chunked", reply));
  ASSERT_TRUE(head.Complete());
  EXPECT_THAT(head.framing(), Eq(Framing::kChunked));
  EXPECT_TRUE(head.keep_alive());
}

}  // namespace
}  // namespace uid2::testing
