// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_proxy.h"

#include <curl/curl.h>

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/curl/curl_handle.h"
#include "server/secrets/credentials.h"
#include "server/secrets/secret.h"
#include "tests/fakes/scripted_server.h"
#include "tests/matchers/status_matchers.h"

namespace uid2::testing {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// The proxy is a server that refuses CONNECT.
class CurlProxyTest : public ::testing::Test {
 protected:
  // The heads of the requests that the proxy gets for a request to `url`.
  std::string HeadAtProxy(const std::string& url, const HttpClientOptions& options) {
    const ScriptedServer proxy(
        [](const ScriptedServer::Request&) { return Script().Send(ReplyText(403, "")); });
    HttpClientOptions with_proxy = options;
    with_proxy.proxy_url = "http://127.0.0.1:" + std::to_string(proxy.port());
    CurlHandle handle = *CurlHandle::New();
    EXPECT_THAT(handle.Set<CURLOPT_URL>(url.c_str()), IsOk());
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
        curl_slist_append(nullptr, "Authorization: secret"), &curl_slist_free_all);
    EXPECT_THAT(handle.Set<CURLOPT_HTTPHEADER>(headers.get()), IsOk());
    EXPECT_THAT(
        UsesProxy(url, with_proxy) ? TunnelThroughProxy(handle, with_proxy) : UseNoProxy(handle),
        IsOk());
    EXPECT_THAT(curl_easy_perform(handle.get()), Not(Eq(CURLE_OK)));
    const auto requests = proxy.requests();
    return requests.empty() ? "" : requests[0].head;
  }
};

TEST_F(CurlProxyTest, IsUsedForHttpsUrlsOnly) {
  HttpClientOptions options;
  EXPECT_FALSE(UsesProxy("https://operator.test/", options));
  options.proxy_url = "http://proxy.test:3128";
  EXPECT_TRUE(UsesProxy("https://operator.test/", options));
  EXPECT_FALSE(UsesProxy("http://127.0.0.1/", options));
}

TEST_F(CurlProxyTest, GetsConnectAndNoFieldOfTheRequest) {
  const std::string head = HeadAtProxy("https://operator.test/secret", {});
  EXPECT_THAT(head, StartsWith("CONNECT operator.test:443 HTTP/1.1\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("secret")));
  EXPECT_THAT(head, Not(HasSubstr("Authorization")));
}

TEST_F(CurlProxyTest, GetsItsCredentialsAsTheyAre) {
  HttpClientOptions options;
  // Neither is decoded: "us%41r:pass:w%41rd".
  options.proxy_credentials = std::make_shared<const ProxyCredentials>(
      ProxyCredentials{Secret("us%41r"), Secret("pass:w%41rd")});
  EXPECT_THAT(HeadAtProxy("https://operator.test/", options),
              HasSubstr("Proxy-Authorization: Basic dXMlNDFyOnBhc3M6dyU0MXJk\r\n"));
}

TEST_F(CurlProxyTest, GetsNothingForAnHttpUrl) {
  // Nobody listens there.
  EXPECT_THAT(HeadAtProxy("http://127.0.0.1:1/", {}), IsEmpty());
}

}  // namespace
}  // namespace uid2::testing
