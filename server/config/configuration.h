#ifndef SERVER_CONFIG_CONFIGURATION_H_
#define SERVER_CONFIG_CONFIGURATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/dii/dii.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/operator/resilience/address_rest.h"
#include "server/operator/resilience/retry_budget.h"
#include "server/operator/resilience/retry_policy.h"
#include "server/operator/resilience/throttle.h"
#include "server/rpc/call_deadline.h"
#include "server/secrets/credentials.h"

namespace uid2 {

struct ParticipantConfiguration {
  std::string name;
  // At least one; in order of preference.
  std::vector<std::string> operator_urls;
  DiiPolicy dii_policy;
  Credentials credentials;
};

// A configuration that has been checked, with defaults filled in and credentials read. What each
// value means: proto/uid2/identity/config/v1/server_config.proto.
struct Configuration {
  std::string listen_address;
  bool reflection = true;
  std::vector<ParticipantConfiguration> participants;
  DeadlineOptions deadlines;
  int max_calls_in_flight = 2048;
  double caller_share = 1;
  CurlHttpClientOptions http;
  RetryOptions retries;
  RetryBudgetOptions retry_budget;
  ThrottleOptions throttling;
  AddressRestOptions address_rest;
  absl::Duration drain_delay;
  absl::Duration drain_timeout;
  int thread_pairs = 1;
};

struct LoadedConfiguration {
  // Absent where there is a problem.
  absl::optional<Configuration> configuration;
  // Everything that is wrong, each with file, line and fix; a line of text each.
  std::vector<std::string> problems;
  // What is worth knowing and keeps nobody from starting; a line of text each.
  std::vector<std::string> notices;
};

// `open_files`: how many files the process may have open.
LoadedConfiguration LoadConfiguration(const std::string& path, int64_t open_files);

}  // namespace uid2

#endif  // SERVER_CONFIG_CONFIGURATION_H_
