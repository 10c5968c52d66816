// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/reply_parser.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/reply_size.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;

constexpr int64_t kMaxBodyBytes = 20;

const std::string& Head() {
  static const std::string& head = *new std::string("HTTP/1.1 200 OK\r\n");
  return head;
}

std::string Chunked(absl::string_view body) {
  return absl::StrCat(Head(), "Transfer-Encoding: chunked\r\n\r\n", body);
}

// Whether `bytes` are a complete reply, read whole or byte by byte.
absl::StatusOr<bool> Read(absl::string_view bytes) {
  ReplyParser whole(kMaxBodyBytes);
  ReplyParser bytewise(kMaxBodyBytes);
  absl::string_view rest = bytes;
  absl::StatusOr<bool> result = whole.Read(rest);
  absl::StatusOr<bool> other = false;
  for (size_t i = 0; i < bytes.size() && other.ok() && !*other; ++i) {
    absl::string_view byte = bytes.substr(i, 1);
    other = bytewise.Read(byte);
  }
  EXPECT_THAT(other.status(), Eq(result.status())) << bytes;
  if (result.ok() && other.ok()) {
    EXPECT_THAT(*other, Eq(*result)) << bytes;
  }
  return result;
}

TEST(ReplyParserTest, TakesTheBytesOfOneReplyOnly) {
  for (const std::string& text :
       {Head() + "Content-Length: 2\r\n\r\nab", Chunked("2\r\nab\r\n0\r\n\r\n"),
        std::string("HTTP/1.1 204 No Content\r\n\r\n")}) {
    ReplyParser parser(kMaxBodyBytes);
    const std::string more = text + "HTTP/1.1 500 X\r\n";
    absl::string_view bytes = more;
    EXPECT_THAT(*parser.Read(bytes), Eq(true)) << text;
    EXPECT_THAT(bytes, Eq("HTTP/1.1 500 X\r\n")) << text;
    EXPECT_TRUE(parser.keep_alive()) << text;
  }
}

TEST(ReplyParserTest, AssemblesChunksAndDropsExtensionsAndTrailers) {
  for (const char* body :
       {"5\r\nfirst\r\n8\r\n, second\r\n0\r\n\r\n", "D\r\nfirst, second\r\n000\r\n\r\n",
        "000000000000000d\r\nfirst, second\r\n0\r\nDate: no\r\nContent-Length: 9\r\n\r\n",
        "5;name=\"value\"\r\nfirst\r\n8 ;x\r\n, second\r\n0;last\r\n\r\n",
        "5  \r\nfirst\r\n8\t\r\n, second\r\n0 \r\nTrailer: 1\r\n\r\n"}) {
    ReplyParser parser(kMaxBodyBytes);
    const std::string text = Chunked(body);
    absl::string_view bytes = text;
    ASSERT_THAT(parser.Read(bytes), IsOk()) << body;
    EXPECT_THAT(*Read(text), Eq(true)) << body;
    const HttpReply reply = parser.Take();
    EXPECT_THAT(reply.body, Eq("first, second")) << body;
    EXPECT_THAT(reply.date, Eq("")) << body;
  }
}

TEST(ReplyParserTest, RefusesWhatTwoReadersCouldReadDifferently) {
  const std::string length = "Content-Length: 2\r\n";
  const std::string nul(1, '\0');
  for (const std::string& text : std::vector<std::string>{
           Head() + length + "Content-Length: 3\r\n\r\nabc",
           Head() + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           Head() + "Date: a\r\n folded\r\n" + length + "\r\nab",
           Head() + "Date: a\r\n\tfolded\r\n" + length + "\r\nab",
           Head() + " " + length + "\r\nab",
           Head() + "Content-Length : 2\r\n\r\nab",
           Head() + "Content-Length: 2\n\r\nab",
           Head() + length + "\nab",
           "HTTP/1.1 200 OK\n" + length + "\r\nab",
           Head() + "Date: a\rb\r\n" + length + "\r\nab",
           Head() + "Date: a\r\r\n" + length + "\r\nab",
           absl::StrCat(Head(), "Date: a", nul, "b\r\n", length, "\r\nab"),
           Head() + "Date: a\x0b\r\n" + length + "\r\nab",
           Head() + "Date: a\x7f\r\n" + length + "\r\nab",
           "\r\n" + Head() + length + "\r\nab",
           "HTTP/1.1 101 Switching Protocols\r\n\r\n",
           "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nab",
           Chunked("\r\n"),
           Chunked("g\r\n"),
           Chunked("-1\r\n"),
           Chunked("0x2\r\nab\r\n"),
           Chunked(" 2\r\nab\r\n"),
           Chunked("2 2\r\nab\r\n"),
           Chunked("2x\r\nab\r\n"),
           Chunked("2\nab\r\n0\r\n\r\n"),
           Chunked("2\r\nab\n0\r\n\r\n"),
           Chunked("2\r\nabc\r\n0\r\n\r\n"),
           Chunked("2;x\ny\r\nab\r\n0\r\n\r\n"),
           Chunked("2;" + nul + "\r\nab\r\n0\r\n\r\n"),
           Chunked("00000000000000002\r\nab\r\n0\r\n\r\n"),
           Chunked("0\r\nno field\r\n\r\n"),
           Chunked("0\r\nA: b\r\n folded\r\n\r\n"),
           Chunked("0\r\nA: b\n\r\n"),
       }) {
    EXPECT_THAT(Read(text), StatusIs(absl::StatusCode::kUnavailable, "the reply is not valid HTTP"))
        << text;
  }
}

// A peer that speaks another protocol may wait for us to speak next.
TEST(ReplyParserTest, RefusesAnotherProtocolAtTheFirstByteThatIsNotOfHttp) {
  for (const char* text : {"2", "220 mail", "\x15\x03", "h", "HTTQ", "HTTP/2", "<html>", "\n"}) {
    ReplyParser parser(kMaxBodyBytes);
    absl::string_view bytes = text;
    EXPECT_THAT(parser.Read(bytes), StatusIs(absl::StatusCode::kUnavailable)) << text;
  }
}

TEST(ReplyParserTest, ABodyMayHaveTheLimitButNoByteMore) {
  const std::string most(kMaxBodyBytes, 'x');
  for (const std::string& text :
       {absl::StrCat(Head(), "Content-Length: 20\r\n\r\n", most),
        Chunked("14\r\n" + most + "\r\n0\r\n\r\n"),
        Chunked("a\r\n" + most.substr(10) + "\r\na\r\n" + most.substr(10) + "\r\n0\r\n\r\n")}) {
    EXPECT_THAT(*Read(text), Eq(true)) << text;
  }
  EXPECT_THAT(*Read(Head() + "\r\n" + most), Eq(false));
  // The first three are refused before the body arrives.
  for (const std::string& text :
       {Head() + "Content-Length: 21\r\n\r\n",
        Head() + "Content-Length: 99999999999999999999\r\n\r\n", Chunked("15\r\n"),
        Chunked("ffffffffffffffff\r\n"), Chunked("14\r\n" + most + "\r\n1\r\n"),
        Head() + "\r\n" + most + "x"}) {
    EXPECT_THAT(Read(text),
                StatusIs(absl::StatusCode::kResourceExhausted, "the reply is larger than 20 bytes"))
        << text;
  }
  // There is no body that could be too large.
  EXPECT_THAT(*Read("HTTP/1.1 304\r\nContent-Length: 21\r\n\r\n"), Eq(true));
}

// Each gets the number of bytes that it may have.
std::string HeadOf(size_t size) {
  const std::string end = "\r\nContent-Length: 0\r\n\r\n";
  const std::string begin = Head() + "Long: ";
  return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

TEST(ReplyParserTest, LinesMayHaveTheLimitButNoByteMore) {
  EXPECT_THAT(*Read(HeadOf(kMaxReplyHeadBytes)), Eq(true));
  std::string interim;
  while (interim.size() <= kMaxReplyHeadBytes) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  std::string fields = Head();
  while (fields.size() <= kMaxReplyHeadBytes) fields += "Field: value\r\n";
  std::string trailer = Chunked("0\r\n");
  while (trailer.size() <= kMaxReplyHeadBytes + 3) trailer += "Field: value\r\n";
  std::string extensions = Chunked("");
  while (extensions.size() <= 5 * kMaxReplyHeadBytes) {
    extensions += "1;" + std::string(9000, 'x') + "\r\nx\r\n";
  }
  for (const std::string& text :
       {HeadOf(kMaxReplyHeadBytes + 1), Head() + "Long: " + std::string(200'000, 'x'), interim,
        fields, trailer, extensions, "HTTP/1.1 200 " + std::string(kMaxReplyHeadBytes, 'x')}) {
    EXPECT_THAT(Read(text), StatusIs(absl::StatusCode::kResourceExhausted,
                                     HasSubstr("header is larger than 65536 bytes")))
        << text.substr(0, 100);
  }
}

// The sizes of many small chunks do not count.
TEST(ReplyParserTest, ABodyMayHaveManyChunks) {
  ReplyParser parser(100'000);
  std::string text = Chunked("");
  for (int i = 0; i < 50'000; ++i) text += "1\r\nx\r\n";
  text += "0\r\n\r\n";
  absl::string_view bytes = text;
  EXPECT_THAT(*parser.Read(bytes), Eq(true));
  EXPECT_THAT(parser.Take().body, Eq(std::string(50'000, 'x')));
}

TEST(ReplyParserTest, TheEndOfTheConnectionIsTheEndOfABodyOnlyWithoutAnotherEnd) {
  const struct {
    std::string text;
    absl::Status at_end;
  } cases[] = {
      {Head() + "\r\nab", absl::OkStatus()},
      {Head() + "\r\n", absl::OkStatus()},
      {"", absl::UnavailableError("the peer closed the connection without a reply")},
      {"HTTP/1.1 20", absl::UnavailableError("the peer closed the connection without a reply")},
      {"HTTP/1.1 100 Continue\r\n\r\n",
       absl::UnavailableError("the peer closed the connection without a reply")},
      {Head() + "Date: x\r\n",
       absl::UnavailableError("the peer closed the connection before the reply was complete")},
      {Head() + "Content-Length: 2\r\n\r\na",
       absl::UnavailableError("the peer closed the connection before the reply was complete")},
      {Chunked("2\r\nab\r\n0\r\n"),
       absl::UnavailableError("the peer closed the connection before the reply was complete")},
  };
  for (const auto& c : cases) {
    ReplyParser parser(kMaxBodyBytes);
    absl::string_view bytes = c.text;
    ASSERT_THAT(*parser.Read(bytes), Eq(false)) << c.text;
    EXPECT_THAT(parser.End(), Eq(c.at_end)) << c.text;
  }
}

}  // namespace
}  // namespace uid2::testing
