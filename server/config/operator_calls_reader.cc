#include "server/config/operator_calls_reader.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

using identity::config::v1::AddressRest;
using identity::config::v1::OperatorConnection;
using identity::config::v1::Retries;
using identity::config::v1::Throttling;

constexpr absl::Duration kMillisecond = absl::Milliseconds(1);
constexpr absl::Duration kMinute = absl::Minutes(1);

// `field`, whose value is `shorter`, must not be longer than `limit`, whose value is `longer`.
void CheckOrder(const std::string& field, absl::Duration shorter, absl::string_view limit,
                absl::Duration longer, ConfigChecker& check) {
  if (shorter <= longer) return;
  check.Problem(field, absl::StrCat("must not be longer than ", limit, ", which is ",
                                    absl::FormatDuration(longer)));
}

void ReadConnection(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const OperatorConnection& proto = source.config().operator_connection();
  ConfigChecker nested = check.Nested("operator_connection", proto);
  CurlHttpClientOptions& http = result.http;
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
  http.max_idle_time =
      nested.Duration("max_idle_time", proto.has_max_idle_time(), proto.max_idle_time(),
                      http.max_idle_time, absl::Seconds(1), absl::Hours(1));
  if (!proto.ca_file().empty()) http.ca_file = source.Resolve(proto.ca_file());
}

void ReadRetries(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const Retries& proto = source.config().retries();
  ConfigChecker nested = check.Nested("retries", proto);
  RetryOptions& retries = result.retries;
  retries.max_attempts = nested.Number("max_attempts", proto.has_max_attempts(),
                                       proto.max_attempts(), retries.max_attempts, 1, 10);
  retries.longest_delay =
      nested.Duration("longest_delay", proto.has_longest_delay(), proto.longest_delay(),
                      retries.longest_delay, kMillisecond, kMinute);
  retries.base_delay = nested.Duration("base_delay", proto.has_base_delay(), proto.base_delay(),
                                       std::min(retries.base_delay, retries.longest_delay),
                                       kMillisecond, absl::Seconds(10));
  CheckOrder("base_delay", retries.base_delay, "longest_delay", retries.longest_delay, nested);
  retries.overload_delay = nested.Duration(
      "overload_delay", proto.has_overload_delay(), proto.overload_delay(),
      std::min(retries.overload_delay, retries.longest_delay), kMillisecond, absl::Seconds(10));
  CheckOrder("overload_delay", retries.overload_delay, "longest_delay", retries.longest_delay,
             nested);
  RetryBudgetOptions& budget = result.retry_budget;
  budget.burst = nested.Number("budget_burst", proto.has_budget_burst(), proto.budget_burst(),
                               budget.burst, 1, 100'000);
  const double earned = proto.budget_per_success();
  budget.per_success = nested.Share("budget_per_success", proto.has_budget_per_success(), earned,
                                    budget.per_success, earned >= 0 && earned <= 1, "from 0 to 1");
}

void ReadThrottling(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const Throttling& proto = source.config().throttling();
  ConfigChecker nested = check.Nested("throttling", proto);
  ThrottleOptions& throttling = result.throttling;
  throttling.window = nested.Duration("window", proto.has_window(), proto.window(),
                                      throttling.window, absl::Seconds(1), absl::Minutes(10));
  const absl::Duration attempt = result.http.request_timeout;
  if (throttling.window <= attempt && proto.has_window()) {
    nested.Problem(
        "window", absl::StrCat("must be longer than operator_connection.request_timeout, which is ",
                               absl::FormatDuration(attempt)));
  } else if (throttling.window <= attempt) {
    check.Nested("operator_connection", source.config().operator_connection())
        .Problem("request_timeout",
                 absl::StrCat("must be shorter than throttling.window, which is ",
                              absl::FormatDuration(throttling.window)));
  }
  throttling.least_failures =
      nested.Number("least_failures", proto.has_least_failures(), proto.least_failures(),
                    throttling.least_failures, 1, 100'000);
  const double held_back = proto.most_held_back();
  throttling.most_held_back = nested.Share("most_held_back", proto.has_most_held_back(), held_back,
                                           throttling.most_held_back,
                                           held_back >= 0 && held_back <= 0.99, "from 0 to 0.99");
}

void ReadAddressRest(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const AddressRest& proto = source.config().address_rest();
  ConfigChecker nested = check.Nested("address_rest", proto);
  AddressRestOptions& rest = result.address_rest;
  rest.failures =
      nested.Number("failures", proto.has_failures(), proto.failures(), rest.failures, 1, 1000);
  rest.first_rest = nested.Duration("first_rest", proto.has_first_rest(), proto.first_rest(),
                                    rest.first_rest, 10 * kMillisecond, 10 * kMinute);
  rest.longest_rest = nested.Duration(
      "longest_rest", proto.has_longest_rest(), proto.longest_rest(),
      std::max(rest.longest_rest, rest.first_rest), 10 * kMillisecond, 10 * kMinute);
  CheckOrder("first_rest", rest.first_rest, "longest_rest", rest.longest_rest, nested);
}

}  // namespace

void ReadOperatorCalls(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  ReadConnection(source, check, result);
  ReadRetries(source, check, result);
  ReadThrottling(source, check, result);
  ReadAddressRest(source, check, result);
}

}  // namespace uid2
