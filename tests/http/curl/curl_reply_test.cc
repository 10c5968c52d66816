// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_reply.h"

#include <curl/curl.h>

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/curl/curl_handle.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CurlReplyTest : public ::testing::Test {
 protected:
  // Requests a reply that a server sends in these words.
  CURLcode Receive(const std::string& words) {
    const ScriptedServer server(
        [&](const ScriptedServer::Request&) { return Script().Send(words).Close(); });
    const std::string url = server.Url();
    EXPECT_THAT(handle_.Set<CURLOPT_URL>(url.c_str()), IsOk());
    EXPECT_THAT(handle_.Set<CURLOPT_PROXY>(""), IsOk());
    EXPECT_THAT(reply_.ReceiveFrom(handle_), IsOk());
    reply_.Clear();
    return curl_easy_perform(handle_.get());
  }

  CurlHandle handle_ = *CurlHandle::New();
  CurlReply reply_{1000};
};

TEST_F(CurlReplyTest, HasWhatTheServerSent) {
  ASSERT_THAT(Receive(ReplyText(503, "body", "Retry-After: 7\r\nDate: today\r\n")), Eq(CURLE_OK));
  EXPECT_TRUE(reply_.head_complete());
  EXPECT_THAT(reply_.TooLarge(CURLE_OK), IsOk());
  const HttpReply reply = reply_.Take(handle_.get());
  EXPECT_THAT(reply.status, Eq(503));
  EXPECT_THAT(reply.body, Eq("body"));
  EXPECT_THAT(reply.retry_after, Eq("7"));
  EXPECT_THAT(reply.date, Eq("today"));
}

TEST_F(CurlReplyTest, AFieldMayBeEmpty) {
  ASSERT_THAT(Receive(ReplyText(503, "", "Retry-After:\r\nDate: \t\r\n")), Eq(CURLE_OK));
  const HttpReply reply = reply_.Take(handle_.get());
  EXPECT_THAT(reply.retry_after, IsEmpty());
  EXPECT_THAT(reply.date, IsEmpty());
}

TEST_F(CurlReplyTest, HasNothingOfAnEarlierReply) {
  ASSERT_THAT(Receive(ReplyText(200, "first", "Retry-After: 7\r\n")), Eq(CURLE_OK));
  ASSERT_THAT(Receive(ReplyText(200, "")), Eq(CURLE_OK));
  const HttpReply reply = reply_.Take(handle_.get());
  EXPECT_THAT(reply.body, IsEmpty());
  EXPECT_THAT(reply.retry_after, IsEmpty());
}

TEST_F(CurlReplyTest, KnowsWhetherTheHeadIsComplete) {
  // For libcurl, the first is a complete reply.
  EXPECT_THAT(Receive("HTTP/1.1 200 OK\r\nVary: origin\r\n"), Eq(CURLE_OK));
  EXPECT_FALSE(reply_.head_complete());
  EXPECT_THAT(Receive("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), Eq(CURLE_OK));
  EXPECT_FALSE(reply_.head_complete());
  EXPECT_THAT(Receive("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), Eq(CURLE_OK));
  EXPECT_TRUE(reply_.head_complete());
}

TEST_F(CurlReplyTest, ABodyOfTheLimitIsNotTooLarge) {
  EXPECT_THAT(Receive(ReplyText(200, std::string(1000, 'x'))), Eq(CURLE_OK));
  const CURLcode code = Receive("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'));
  EXPECT_THAT(code, Eq(CURLE_WRITE_ERROR));
  EXPECT_THAT(reply_.TooLarge(code), StatusIs(absl::StatusCode::kResourceExhausted,
                                              "the reply is larger than 1000 bytes"));
}

TEST_F(CurlReplyTest, AHeadMayBeTooLargeInOneLineOrInMany) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "Field: " + std::string(90, 'x') + "\r\n";
  for (const std::string& fields : {"Field: " + std::string(200'000, 'x') + "\r\n", many}) {
    const CURLcode code = Receive("HTTP/1.1 200 OK\r\n" + fields + "\r\n");
    EXPECT_THAT(reply_.TooLarge(code), StatusIs(absl::StatusCode::kResourceExhausted,
                                                HasSubstr("header is larger than 65536 bytes")));
  }
}

}  // namespace
}  // namespace uid2::testing
