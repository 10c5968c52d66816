#ifndef TESTS_HTTP_CURL_CURL_HTTP_CLIENT_FIXTURE_H_
#define TESTS_HTTP_CURL_CURL_HTTP_CLIENT_FIXTURE_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/curl/curl_http_client.h"
#include "server/http/http_client.h"
#include "tests/fakes/pending_reply.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {

// A client that trusts one authority of its own, with limits far beyond what a test takes.
class CurlHttpClientTest : public ::testing::Test {
 protected:
  CurlHttpClientOptions Options() const {
    CurlHttpClientOptions options;
    options.connect_timeout = absl::Seconds(30);
    options.request_timeout = absl::Seconds(30);
    options.ca_file = authority_.CertificateFile();
    return options;
  }

  static std::unique_ptr<CurlHttpClient> MakeClient(const CurlHttpClientOptions& options) {
    absl::StatusOr<std::unique_ptr<CurlHttpClient>> client = CurlHttpClient::New(options);
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }

  static CallContext::TimePoint DeadlineIn(absl::Duration duration) {
    return std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(duration);
  }

  static std::shared_ptr<const HttpTarget> Target(const std::string& url,
                                                  std::vector<std::string> headers = {}) {
    return std::make_shared<const HttpTarget>(HttpTarget{url, std::move(headers)});
  }

  // One whole request, in a context of its own.
  static absl::StatusOr<HttpReply> Post(HttpClient& client,
                                        std::shared_ptr<const HttpTarget> target,
                                        std::string body = "body") {
    CallContext context(DeadlineIn(absl::Seconds(30)));
    PendingReply reply;
    client.Post({std::move(target), std::move(body)}, context, reply.Callback());
    return reply.Await();
  }

  const TestAuthority authority_{"authority"};
};

}  // namespace uid2::testing

#endif  // TESTS_HTTP_CURL_CURL_HTTP_CLIENT_FIXTURE_H_
