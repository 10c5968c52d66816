// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_HTTP_HTTP_TRANSPORT_FIXTURE_H_
#define TESTS_HTTP_HTTP_TRANSPORT_FIXTURE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "gtest/gtest.h"
#include "server/call/call_context.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/http_transport.h"
#include "server/http/tls/trust_store.h"
#include "server/http/transport_choice.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/http_target_metrics.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/pending_reply.h"
#include "tests/fakes/test_certificates.h"

namespace uid2::testing {

// What every transport promises, tested over each of them: INSTANTIATE_TEST_SUITE_P(, Test,
// EachTransport(), TransportName). The client trusts one authority, created by the test, and its
// limits are far beyond what a test takes.
class HttpTransportTest : public ::testing::TestWithParam<HttpClientOptions::Transport> {
 protected:
  static HttpClientOptions Options() {
    HttpClientOptions options;
    options.transport = GetParam();
    options.connect_timeout = absl::Seconds(30);
    options.request_timeout = absl::Seconds(30);
    return options;
  }

  // If `file` is empty, the system's authorities.
  static std::shared_ptr<const TrustStore> LoadTrustStore(const std::string& file) {
    absl::StatusOr<std::shared_ptr<const TrustStore>> trust_store = TrustStore::Load(file);
    EXPECT_TRUE(trust_store.ok()) << trust_store.status();
    return trust_store.ok() ? *std::move(trust_store) : nullptr;
  }

  std::unique_ptr<HttpTransport> MakeClient(const HttpClientOptions& options) {
    return MakeClient(options, trust_store_);
  }

  std::unique_ptr<HttpTransport> MakeClient(const HttpClientOptions& options,
                                            std::shared_ptr<const TrustStore> trust_store) {
    absl::StatusOr<std::unique_ptr<HttpTransport>> client = MakeHttpTransport(
        options, std::move(trust_store), HttpMetrics::In(metrics_.emplace_back()));
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }

  // What the client that was made last has counted.
  int64_t Total(absl::string_view name, absl::string_view label_value = "") const {
    return metrics_.back().Total(name, label_value);
  }

  static CallContext::TimePoint DeadlineIn(absl::Duration duration) {
    return std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(duration);
  }

  // A target whose requests count for the client that was made last, if there is one.
  std::shared_ptr<const HttpTarget> Target(const std::string& url,
                                           std::vector<std::string> headers = {}) {
    HttpTarget target{url, std::move(headers)};
    if (!metrics_.empty()) target.metrics = HttpTargetMetrics::In(metrics_.back(), "brand", url);
    return std::make_shared<const HttpTarget>(std::move(target));
  }

  // A complete request, in its own context.
  static absl::StatusOr<HttpReply> Post(HttpClient& client,
                                        std::shared_ptr<const HttpTarget> target,
                                        std::string body = "body") {
    CallContext context(DeadlineIn(absl::Seconds(30)));
    PendingReply reply;
    client.Post({std::move(target), std::move(body)}, context, reply.Callback());
    return reply.Await();
  }

  // The same, for a request that must fail.
  static HttpFailure PostInVain(HttpClient& client, std::shared_ptr<const HttpTarget> target,
                                std::string body = "body") {
    CallContext context(DeadlineIn(absl::Seconds(30)));
    PendingReply reply;
    client.Post({std::move(target), std::move(body)}, context, reply.Callback());
    return FailureIn(reply.AwaitResult());
  }

  // Whether `attempt` is true for some time, this one or a longer one. For what must happen within
  // a time that ends before the test: on a busy machine, a short time ends before anything is
  // begun.
  static bool WithEnoughTime(absl::Duration time,
                             const std::function<bool(absl::Duration)>& attempt) {
    for (; time < absl::Seconds(30); time *= 2) {
      if (attempt(time)) return true;
      if (HasFailure()) return false;
    }
    return false;
  }

  static HttpFailure FailureIn(const HttpResult& result) {
    const auto* const failure = absl::get_if<HttpFailure>(&result);
    EXPECT_NE(failure, nullptr);
    return failure == nullptr ? HttpFailure() : *failure;
  }

  const TestAuthority authority_{"authority"};
  const std::shared_ptr<const TrustStore> trust_store_ =
      LoadTrustStore(authority_.CertificateFile());

 private:
  // One for each client, at a stable address.
  std::deque<Metrics> metrics_;
};

inline auto EachTransport() {
  return ::testing::Values(HttpClientOptions::Transport::kLibcurl,
                           HttpClientOptions::Transport::kLean);
}

inline std::string TransportName(
    const ::testing::TestParamInfo<HttpClientOptions::Transport>& info) {
  return info.param == HttpClientOptions::Transport::kLibcurl ? "Libcurl" : "Lean";
}

}  // namespace uid2::testing

#endif  // TESTS_HTTP_HTTP_TRANSPORT_FIXTURE_H_
