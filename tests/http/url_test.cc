// SPDX-License-Identifier: Apache-2.0

#include "server/http/url.h"

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
  };
  for (const Row& row :
       {Row{"https://prod.uidapi.com", "https", "prod.uidapi.com"},
        Row{"HTTPS://prod.uidapi.com/", "https", "prod.uidapi.com"},
        Row{"https://host:8443/base", "https", "host"},
        Row{"http://127.0.0.1:80", "http", "127.0.0.1"}, Row{"http://[::1]:80", "http", "::1"}}) {
    const absl::StatusOr<Url> url = ParseUrl(row.text);
    ASSERT_THAT(url, IsOk()) << row.text;
    EXPECT_THAT(url->scheme, Eq(row.scheme));
    EXPECT_THAT(url->host, Eq(row.host));
  }
}

TEST(ParseUrlTest, SaysWhyItRejectsOthers) {
  struct Row {
    const char* text;
    const char* problem;
  };
  for (const Row& row :
       {Row{"", "not a URL"}, Row{"prod.uidapi.com", "not a URL"}, Row{"https://", "not a URL"},
        Row{"https://host:99999", "not a URL"}, Row{"ftp://host", "not an https:// URL"},
        Row{"file:///etc/passwd", "not an https:// URL"},
        Row{"https://user:password@host", "user name or password"},
        Row{"https://host/?query", "query or fragment"},
        Row{"https://host/#fragment", "query or fragment"}}) {
    EXPECT_THAT(ParseUrl(row.text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(row.problem)))
        << row.text;
  }
}

}  // namespace
}  // namespace uid2
