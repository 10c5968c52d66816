// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/request_head.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/http_client.h"
#include "server/http/url.h"
#include "server/secrets/secret.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;

std::string RequestTo(const std::string& url, const std::string& body, const HttpTarget& target) {
  const absl::StatusOr<RequestHead> head = RequestHead::New(*ParseUrl(url), target);
  if (!head.ok()) return head.status().ToString();
  std::string request = "left over";
  head->Write(body, request);
  return request;
}

TEST(RequestHeadTest, WritesTheRequestLineTheFieldsAndTheBody) {
  const HttpTarget target = {
      .url = {},
      .headers = {"Content-Type: text/plain", "X-Other:1"},
      .secret_header = std::make_shared<const Secret>(std::string("Authorization: Bearer key"))};
  const std::string body("a\0\r\n", 4);
  EXPECT_THAT(RequestTo("http://operator.example:8080/v2/token", body, target),
              Eq("POST /v2/token HTTP/1.1\r\n"
                 "Host: operator.example:8080\r\n"
                 "Accept: */*\r\n"
                 "Authorization: Bearer key\r\n"
                 "Content-Type: text/plain\r\n"
                 "X-Other:1\r\n"
                 "Content-Length: 4\r\n\r\n" +
                 body));
}

// What a string leaves behind when it grows is not wiped, and this one contains the credential.
TEST(RequestHeadTest, WritesIntoMemoryThatIsLargeEnoughFromTheBeginning) {
  const absl::StatusOr<RequestHead> head = RequestHead::New(*ParseUrl("http://a.example"), {});
  ASSERT_THAT(head, IsOk());
  const std::string body(1000, 'x');
  std::string request;
  head->Write(body, request);
  // A string that grows takes twice what it has.
  EXPECT_THAT(request.capacity(), Eq(request.size()));
}

TEST(RequestHeadTest, AnEmptyBodyHasALength) {
  EXPECT_THAT(RequestTo("https://operator.example", "", {}),
              Eq("POST / HTTP/1.1\r\nHost: operator.example\r\nAccept: */*\r\n"
                 "Content-Length: 0\r\n\r\n"));
}

TEST(RequestHeadTest, TheHostHasItsPortUnlessItIsTheSchemes) {
  struct Row {
    const char* url;
    const char* host;
  };
  for (const Row& row :
       {Row{"http://a.example", "a.example"}, Row{"http://a.example:80/x", "a.example"},
        Row{"https://a.example:443", "a.example"}, Row{"https://a.example:80", "a.example:80"},
        Row{"http://127.0.0.1:443", "127.0.0.1:443"}, Row{"https://[::1]", "[::1]"},
        Row{"https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"}}) {
    EXPECT_THAT(RequestTo(row.url, "", {}),
                HasSubstr(std::string("\r\nHost: ") + row.host + "\r\n"))
        << row.url;
  }
}

TEST(RequestHeadTest, RefusesWhatIsNotExactlyOneFieldOfTheTarget) {
  for (const std::string field :
       {"secret", "", ": secret", "Secret:", "Secret:  ", "A: secret\r\nB: secret",
        "A: secret\nB: secret", "A\r\nB: secret", "A B: secret", " A: secret", "A : secret",
        "Host: secret", "content-length: 1", "Transfer-Encoding: chunked"}) {
    EXPECT_THAT(RequestHead::New(*ParseUrl("http://a.example"), {.url = {}, .headers = {field}}),
                StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("ecret"))))
        << field;
    const auto secret = std::make_shared<const Secret>(std::string(field));
    EXPECT_THAT(RequestHead::New(*ParseUrl("http://a.example"),
                                 {.url = {}, .headers = {}, .secret_header = secret}),
                StatusIs(absl::StatusCode::kInternal, Not(HasSubstr("ecret"))))
        << field;
  }
  EXPECT_THAT(RequestHead::New(*ParseUrl("http://a.example"),
                               {.url = {}, .headers = {std::string("A: b\0c", 6)}}),
              StatusIs(absl::StatusCode::kInternal));
}

}  // namespace
}  // namespace uid2::testing
