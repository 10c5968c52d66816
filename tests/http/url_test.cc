// SPDX-License-Identifier: Apache-2.0

#include "server/http/url.h"

#include <string>

#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matchers/status_matchers.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using uid2::testing::IsOk;
using uid2::testing::StatusIs;

TEST(ParseUrlTest, AcceptsBaseUrls) {
  struct Row {
    const char* text;
    const char* scheme;
    const char* host;
    int port;
    const char* path;
  };
  for (const Row& row :
       {Row{"https://prod.uidapi.com", "https", "prod.uidapi.com", 443, "/"},
        Row{"HTTPS://prod.uidapi.com/", "https", "prod.uidapi.com", 443, "/"},
        Row{"https://host:8443/base", "https", "host", 8443, "/base"},
        Row{"https://host:/", "https", "host", 443, "/"},
        Row{"https://host/v2//token/", "https", "host", 443, "/v2//token/"},
        Row{"https://host.", "https", "host.", 443, "/"},
        Row{"https://under_score.internal", "https", "under_score.internal", 443, "/"},
        Row{"http://127.0.0.1", "http", "127.0.0.1", 80, "/"},
        Row{"http://127.0.0.1:8080", "http", "127.0.0.1", 8080, "/"},
        Row{"http://[::1]:81", "http", "::1", 81, "/"}}) {
    const absl::StatusOr<Url> url = ParseUrl(row.text);
    ASSERT_THAT(url, IsOk()) << row.text;
    EXPECT_THAT(url->scheme, Eq(row.scheme));
    EXPECT_THAT(url->host, Eq(row.host));
    EXPECT_THAT(url->port, Eq(row.port));
    EXPECT_THAT(url->path, Eq(row.path));
  }
}

TEST(ParseUrlTest, SaysWhyItRejectsOthers) {
  struct Row {
    const char* text;
    const char* problem;
  };
  for (const Row& row :
       {Row{"", "is empty"},
        Row{"prod.uidapi.com", "not an https:// URL; begin it with https://"},
        Row{"prod.uidapi.com:443", "begin it with https://"},
        Row{"//prod.uidapi.com", "begin it with https://"},
        Row{"https//host", "begin it with https://"},
        Row{"https:host", "begin it with https://"},
        Row{"\"https://host\"", "begin it with https://"},
        Row{"htps://host", "begin it with https://"},
        Row{"ftp://host", "begin it with https://"},
        Row{"file:///etc/passwd", "begin it with https://"},
        Row{"https://", "the host is missing"},
        Row{"https://:443", "the host is missing"},
        Row{"https:/host", "the host is missing"},
        Row{"https:///host", "the host is missing"},
        Row{" https://host", "white space or a control character; remove it"},
        Row{"https://host ", "white space or a control character; remove it"},
        Row{"https://host/a b", "white space or a control character; remove it"},
        Row{"https://host/\x01", "white space or a control character; remove it"},
        Row{"https://host\x7f", "white space or a control character; remove it"},
        Row{"https://host: 443", "white space or a control character; remove it"},
        Row{"https://host:99999", "the port is not a number from 1 to 65535"},
        Row{"https://host:+443", "the port is not a number from 1 to 65535"},
        Row{"https://[127.0.0.1]:443", "brackets must contain an IPv6 address"},
        Row{"https://[::1", "brackets must contain an IPv6 address"},
        Row{"https://{HOST}", "the host is neither"},
        Row{"https://user:password@host", "user name or password"},
        Row{"https://host/?query", "query or fragment"},
        Row{"https://host/#fragment", "query or fragment"},
        Row{"https://host:0", "the port is"},
        Row{"https://host:0443", "the port is"},
        Row{"https://[::1]:00080/base", "the port is"},
        Row{"https://a..b", "the host is neither"},
        Row{"https://.host", "the host is neither"},
        Row{"https://256.1.1.1", "the host is neither"},
        Row{"https://op\xc3\xa9rateur.example", "write an international name with xn--"}}) {
    EXPECT_THAT(ParseUrl(row.text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(row.problem)))
        << row.text;
  }
}

TEST(ParseUrlTest, ReadsToTheEndOfTheText) {
  EXPECT_THAT(ParseUrl(absl::string_view("https://host\0.example", 21)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a control character")));
}

TEST(ParsePortTest, AcceptsDigitsAlone) {
  EXPECT_THAT(ParsePort("0"), Eq(0));
  EXPECT_THAT(ParsePort("80"), Eq(80));
  EXPECT_THAT(ParsePort("65535"), Eq(65535));
  for (const char* text : {"", " 80", "80 ", "+80", "-80", "080", "00", "65536", "99999", "100000",
                           "8o", "0x50", "8.0"}) {
    EXPECT_THAT(ParsePort(text), Eq(absl::nullopt)) << text;
  }
}

TEST(IsHostTest, TellsNamesAndAddressesFromOtherTexts) {
  for (const std::string& host :
       {std::string("localhost"), std::string("a.b-c.example"), std::string("0.0.0.0"),
        std::string("::"), std::string("fe80::1%eth0"), std::string("1password.example"),
        std::string(63, 'a')}) {
    EXPECT_TRUE(IsHost(host)) << host;
  }
  for (const std::string& host :
       {std::string(), std::string("."), std::string("a b"), std::string("*"), std::string("a:b"),
        std::string("[::1]"), std::string("::1%"), std::string("1.2.3"), std::string("127.0.0.256"),
        std::string("a/b"), std::string("caf\xc3\xa9"), std::string(64, 'a')}) {
    EXPECT_FALSE(IsHost(host)) << host;
  }
}

}  // namespace
}  // namespace uid2
