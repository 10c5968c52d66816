// SPDX-License-Identifier: Apache-2.0

#include "server/config/operator_calls_reader.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/http/url.h"
#include "server/secrets/credentials.h"

namespace uid2 {
namespace {

using identity::config::v1::AddressEjection;
using identity::config::v1::OperatorConnection;
using identity::config::v1::RetryPolicy;
using identity::config::v1::Throttling;

constexpr absl::Duration kMillisecond = absl::Milliseconds(1);
constexpr absl::Duration kMinute = absl::Minutes(1);

constexpr char kMaxBackoff[] = "max_backoff";

// Checks that the value of `field`, which is `shorter`, does not exceed the value of `limit`, which
// is `longer`.
void CheckOrder(const std::string& field, absl::Duration shorter, absl::string_view limit,
                absl::Duration longer, ConfigChecker& check) {
  if (shorter <= longer) return;
  check.Problem(field, absl::StrCat("must not be longer than ", limit, ", which is ",
                                    absl::FormatDuration(longer)));
}

// Returns what is wrong with the URL of a proxy; empty if nothing is.
std::string ProxyUrlProblem(const std::string& text) {
  if (absl::StrContains(text, '@')) {
    return "holds a user name or password; put them into proxy_credentials_file";
  }
  if (!absl::StartsWithIgnoreCase(text, "http://") &&
      !absl::StartsWithIgnoreCase(text, "https://")) {
    return "must begin with http:// or https://: http://HOST:PORT";
  }
  const absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) return std::string(url.status().message());
  absl::string_view address(text);
  address.remove_prefix(url->scheme.size() + 3);
  address = absl::StripSuffix(address, "/");
  if (absl::StrContains(address, '/')) return "must have no path: http://HOST:PORT";
  const absl::optional<int> port = ParsePort(address.substr(address.rfind(':') + 1));
  if (port.value_or(0) == 0) {
    return "must name the proxy's port: http://HOST:PORT";
  }
  return "";
}

void ReadProxy(const OperatorConnection& proto, ConfigChecker& check, HttpClientOptions& http) {
  if (!proto.proxy_url().empty()) {
    const std::string problem = ProxyUrlProblem(proto.proxy_url());
    if (!problem.empty()) check.Problem("proxy_url", problem);
    http.proxy_url = proto.proxy_url();
  }
  if (proto.proxy_credentials_file().empty()) return;
  if (proto.proxy_url().empty()) check.Problem("proxy_credentials_file", "needs proxy_url");
  absl::StatusOr<ProxyCredentials> credentials =
      LoadProxyCredentials(check.Path("proxy_credentials_file", proto.proxy_credentials_file()));
  if (!credentials.ok()) {
    check.Problem("proxy_credentials_file", credentials.status().message());
  } else {
    http.proxy_credentials = std::make_shared<const ProxyCredentials>(*std::move(credentials));
  }
}

void ReadTransport(const OperatorConnection& proto, ConfigChecker& check, HttpClientOptions& http) {
  constexpr char kField[] = "transport";
  const bool http2 = http.http_version == HttpClientOptions::HttpVersion::kHttp2;
  const bool proxy = !http.proxy_url.empty();
  if (proto.transport() == OperatorConnection::LEAN && http2) {
    check.Problem(kField, "LEAN has no HTTP_2: set it to LIBCURL, or http_version to HTTP_1_1");
  }
  if (proto.transport() == OperatorConnection::LEAN && proxy) {
    check.Problem(kField, "LEAN uses no proxy: set it to LIBCURL, or remove proxy_url");
  }
  const absl::string_view only_libcurl = http2   ? "http_version is HTTP_2"
                                         : proxy ? "proxy_url is set"
                                                 : "";
  (void)check.Enumerated(
      kField, only_libcurl.empty() ? OperatorConnection::LEAN : OperatorConnection::LIBCURL);
  bool lean = proto.transport() == OperatorConnection::LEAN;
  if (proto.transport() == OperatorConnection::TRANSPORT_UNSPECIFIED) {
    lean = only_libcurl.empty();
    if (!lean) check.DerivedFrom(kField, only_libcurl);
  }
  http.transport =
      lean ? HttpClientOptions::Transport::kLean : HttpClientOptions::Transport::kLibcurl;
}

void ReadConnection(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const OperatorConnection& proto = source.config().operator_connection();
  ConfigChecker nested = check.Nested("operator_connection", proto);
  HttpClientOptions& http = result.http;
  http.connect_timeout =
      nested.Duration("connect_timeout", proto.has_connect_timeout(), proto.connect_timeout(),
                      http.connect_timeout, 10 * kMillisecond, kMinute);
  http.request_timeout =
      nested.Duration("request_timeout", proto.has_request_timeout(), proto.request_timeout(),
                      http.request_timeout, 10 * kMillisecond, kMinute);
  http.max_reply_bytes =
      nested.Number("max_reply_bytes", proto.has_max_reply_bytes(), proto.max_reply_bytes(),
                    static_cast<int>(http.max_reply_bytes), 4 << 10, 16 << 20);
  http.max_idle_connections =
      nested.Number("max_idle_connections", proto.has_max_idle_connections(),
                    proto.max_idle_connections(), http.max_idle_connections, 1, 65536);
  http.idle_timeout =
      nested.Duration("idle_timeout", proto.has_idle_timeout(), proto.idle_timeout(),
                      http.idle_timeout, absl::Seconds(1), absl::Hours(1));
  (void)nested.Enumerated("http_version", OperatorConnection::HTTP_1_1);
  http.http_version = proto.http_version() == OperatorConnection::HTTP_2
                          ? HttpClientOptions::HttpVersion::kHttp2
                          : HttpClientOptions::HttpVersion::kHttp1_1;
  ReadProxy(proto, nested, http);
  ReadTransport(proto, nested, http);
}

void ReadRetries(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const RetryPolicy& proto = source.config().retry_policy();
  ConfigChecker nested = check.Nested("retry_policy", proto);
  RetryOptions& retries = result.retry_policy;
  retries.max_attempts = nested.Number("max_attempts", proto.has_max_attempts(),
                                       proto.max_attempts(), retries.max_attempts, 1, 10);
  result.http.retried = retries.max_attempts > 1;
  retries.max_backoff = nested.Duration(kMaxBackoff, proto.has_max_backoff(), proto.max_backoff(),
                                        retries.max_backoff, kMillisecond, kMinute);
  const auto initial = [&nested, longest = retries.max_backoff](
                           const std::string& field, bool present,
                           const google::protobuf::Duration& value, absl::Duration otherwise) {
    if (!present && otherwise > longest) nested.DerivedFrom(field, kMaxBackoff);
    const absl::Duration backoff = nested.Duration(
        field, present, value, std::min(otherwise, longest), kMillisecond, absl::Seconds(10));
    CheckOrder(field, backoff, kMaxBackoff, longest, nested);
    return backoff;
  };
  retries.initial_backoff = initial("initial_backoff", proto.has_initial_backoff(),
                                    proto.initial_backoff(), retries.initial_backoff);
  retries.initial_overload_backoff =
      initial("initial_overload_backoff", proto.has_initial_overload_backoff(),
              proto.initial_overload_backoff(), retries.initial_overload_backoff);
  RetryBudgetOptions& budget = result.retry_budget;
  budget.max_tokens = nested.Number("budget_max_tokens", proto.has_budget_max_tokens(),
                                    proto.budget_max_tokens(), budget.max_tokens, 1, 100'000);
  const double earned = proto.budget_token_ratio();
  budget.token_ratio = nested.Share("budget_token_ratio", proto.has_budget_token_ratio(), earned,
                                    budget.token_ratio, earned >= 0 && earned <= 1, "from 0 to 1");
}

void ReadThrottling(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const Throttling& proto = source.config().throttling();
  ConfigChecker nested = check.Nested("throttling", proto);
  ThrottleOptions& throttling = result.throttling;
  throttling.sampling_window =
      nested.Duration("sampling_window", proto.has_sampling_window(), proto.sampling_window(),
                      throttling.sampling_window, absl::Seconds(1), absl::Minutes(10));
  const absl::Duration attempt = result.http.request_timeout;
  if (throttling.sampling_window <= attempt && proto.has_sampling_window()) {
    nested.Problem(
        "sampling_window",
        absl::StrCat("must be longer than operator_connection.request_timeout, which is ",
                     absl::FormatDuration(attempt)));
  } else if (throttling.sampling_window <= attempt) {
    check.Nested("operator_connection", source.config().operator_connection())
        .Problem("request_timeout",
                 absl::StrCat("must be shorter than throttling.sampling_window, which is ",
                              absl::FormatDuration(throttling.sampling_window)));
  }
  throttling.min_failures =
      nested.Number("min_failures", proto.has_min_failures(), proto.min_failures(),
                    throttling.min_failures, 1, 100'000);
  const double rejection = proto.max_rejection_probability();
  throttling.max_rejection_probability = nested.Share(
      "max_rejection_probability", proto.has_max_rejection_probability(), rejection,
      throttling.max_rejection_probability, rejection >= 0 && rejection <= 0.99, "from 0 to 0.99");
}

void ReadAddressEjection(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const AddressEjection& proto = source.config().address_ejection();
  ConfigChecker nested = check.Nested("address_ejection", proto);
  AddressEjectionOptions& ejection = result.address_ejection;
  ejection.consecutive_failures =
      nested.Number("consecutive_failures", proto.has_consecutive_failures(),
                    proto.consecutive_failures(), ejection.consecutive_failures, 1, 1000);
  ejection.base_ejection_time = nested.Duration(
      "base_ejection_time", proto.has_base_ejection_time(), proto.base_ejection_time(),
      ejection.base_ejection_time, 10 * kMillisecond, 10 * kMinute);
  if (!proto.has_max_ejection_time() && ejection.max_ejection_time < ejection.base_ejection_time) {
    nested.DerivedFrom("max_ejection_time", "base_ejection_time");
  }
  ejection.max_ejection_time =
      nested.Duration("max_ejection_time", proto.has_max_ejection_time(), proto.max_ejection_time(),
                      std::max(ejection.max_ejection_time, ejection.base_ejection_time),
                      10 * kMillisecond, 10 * kMinute);
  CheckOrder("base_ejection_time", ejection.base_ejection_time, "max_ejection_time",
             ejection.max_ejection_time, nested);
}

}  // namespace

void ReadOperatorCalls(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  ReadConnection(source, check, result);
  ReadRetries(source, check, result);
  ReadThrottling(source, check, result);
  ReadAddressEjection(source, check, result);
}

}  // namespace uid2
