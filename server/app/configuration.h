#ifndef SERVER_APP_CONFIGURATION_H_
#define SERVER_APP_CONFIGURATION_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/http/curl_http_client_options.h"
#include "server/identity/dii.h"
#include "server/secrets/credentials.h"

namespace uid2 {

struct ParticipantConfiguration {
  std::string name;
  std::string operator_url;
  DiiPolicy dii_policy;
  Credentials credentials;
};

// A configuration that has been checked, with defaults filled in and credentials read. What each
// value means: proto/uid2/identity/config/v1/server_config.proto.
struct Configuration {
  std::string listen_address;
  bool reflection = true;
  std::vector<ParticipantConfiguration> participants;
  absl::Duration max_call_time;
  CurlHttpClientOptions http;
  absl::Duration drain_delay;
  absl::Duration drain_timeout;
  int thread_pairs = 1;
  int max_calls_in_flight = 2048;
  double caller_share = 1;
};

struct LoadedConfiguration {
  // Absent where there is a problem.
  absl::optional<Configuration> configuration;
  // Everything that is wrong, each with file, line and fix; a line of text each.
  std::vector<std::string> problems;
};

LoadedConfiguration LoadConfiguration(const std::string& path);

}  // namespace uid2

#endif  // SERVER_APP_CONFIGURATION_H_
