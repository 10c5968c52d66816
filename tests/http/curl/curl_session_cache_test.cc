// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_session_cache.h"

#include <curl/curl.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/curl/curl_handle.h"
#include "tests/fakes/scripted_server.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;

class CurlSessionCacheTest : public ::testing::Test {
 protected:
  // Makes a request with a new handle, and so with a new connection.
  void Request(CURLSH* share) {
    absl::StatusOr<CurlHandle> handle = CurlHandle::New();
    ASSERT_THAT(handle, IsOk());
    ASSERT_THAT(handle->Set<CURLOPT_URL>(url_.c_str()), IsOk());
    ASSERT_THAT(handle->Set<CURLOPT_CAINFO>(ca_file_.c_str()), IsOk());
    ASSERT_THAT(handle->Set<CURLOPT_PROXY>(""), IsOk());
    ASSERT_THAT(handle->Set<CURLOPT_SHARE>(share), IsOk());
    ASSERT_THAT(curl_easy_perform(handle->get()), Eq(CURLE_OK));
  }

  const TestAuthority authority_{"authority"};
  const std::string ca_file_ = authority_.CertificateFile();
  const ScriptedServer server_{
      [](const ScriptedServer::Request&) { return Script().Send(ReplyText(200, "")); },
      authority_.Issue("IP:127.0.0.1")};
  const std::string url_ = server_.Url();
};

TEST_F(CurlSessionCacheTest, AHandleResumesTheSessionOfAnother) {
  const absl::StatusOr<CurlSessionCache> cache = CurlSessionCache::New();
  ASSERT_THAT(cache, IsOk());
  for (int i = 0; i < 3; ++i) Request(cache->get());
  EXPECT_THAT(server_.resumed(), Eq(2));
}

TEST_F(CurlSessionCacheTest, SharesNoConnections) {
  const absl::StatusOr<CurlSessionCache> cache = CurlSessionCache::New();
  ASSERT_THAT(cache, IsOk());
  for (int i = 0; i < 3; ++i) Request(cache->get());
  EXPECT_THAT(server_.connections(), Eq(3));
}

TEST_F(CurlSessionCacheTest, OneCacheDoesNotKnowTheSessionsOfAnother) {
  const absl::StatusOr<CurlSessionCache> one = CurlSessionCache::New();
  const absl::StatusOr<CurlSessionCache> other = CurlSessionCache::New();
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  Request(one->get());
  Request(other->get());
  EXPECT_THAT(server_.resumed(), Eq(0));
}

}  // namespace
}  // namespace uid2::testing
