// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CONFIG_CONFIGURATION_H_
#define SERVER_CONFIG_CONFIGURATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/dii/dii.h"
#include "server/event/file_stamp.h"
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "server/http/tls/trust_store_file.h"
#include "server/identity/scope.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/resilience/address_ejection.h"
#include "server/operator/resilience/retry_budget.h"
#include "server/operator/resilience/retry_policy.h"
#include "server/operator/resilience/throttle.h"
#include "server/rpc/call_deadline.h"
#include "server/rpc/caller.h"
#include "server/rpc/client_connection_options.h"
#include "server/secrets/certificate_set.h"
#include "server/service/synthetic_probe_options.h"
#include "server/telemetry/log_options.h"

namespace uid2 {

struct ParticipantConfiguration {
  std::string name;
  // At least one, in order of preference.
  std::vector<std::string> operator_urls;
  DiiPolicy dii_policy;
  OperatorCredentialsPtr credentials;
  Scope scope = Scope::kUid2;
  // The folder with the files of the credentials, and their stamps when they were read. If empty,
  // the credentials are not read again.
  std::string credentials_dir = {};
  std::vector<FileStamp> credentials_stamps = {};
};

struct TlsConfiguration {
  // Whether every client must present a certificate (mTLS).
  bool authenticates_clients() const { return !files.client_ca.empty(); }

  CertificateFiles files;
  std::string runtime_dir;
};

struct SelfProbeOptions {
  // From the beginning of one probe to the beginning of the next.
  absl::Duration interval = absl::Seconds(5);
  absl::Duration timeout = absl::Seconds(5);
  // The number of failures in a row that ends the process; 0 if none does.
  int failures = 3;
};

// A valid configuration with defaults filled in and credentials read. For the meaning of each
// value, see proto/uid2/identity/config/v1/server_config.proto.
struct Configuration {
  std::string listen_address;
  // Empty if there is no admin port.
  std::string admin_address = {};
  // Not set if TLS is not served.
  absl::optional<TlsConfiguration> tls;
  bool reflection = true;
  std::vector<ParticipantConfiguration> participants;
  DeadlineOptions deadlines;
  ClientConnectionOptions client_connections;
  int max_calls_in_flight = 2048;
  // Empty if callers are not authenticated; max_caller_share is then that of all of them together.
  std::vector<CallerEntry> callers;
  double max_caller_share = 1;
  HttpClientOptions http;
  // A PEM file with the certificate authorities that may sign operators' certificates. If empty,
  // the system's authorities are used.
  std::string ca_file;
  // The content of that file. Not set if no operator is called over TLS and no file is named.
  absl::optional<TrustStoreFile::Content> authorities;
  RetryOptions retry_policy;
  RetryBudgetOptions retry_budget;
  ThrottleOptions throttling;
  AddressEjectionOptions address_ejection;
  absl::Duration drain_delay;
  absl::Duration drain_timeout;
  SelfProbeOptions self_probe;
  LogOptions log;
  // Not set if operators are not probed.
  absl::optional<SyntheticProbeOptions> synthetic_probe;
  int workers = 1;
};

struct LoadedConfiguration {
  // Not set if there is a problem.
  absl::optional<Configuration> configuration;
  // The same in protobuf text format, with every value in effect and without secrets.
  std::string effective;
  // Each problem, with its file, line and fix, as one line of text.
  std::vector<std::string> problems;
  // Notices, which do not prevent the server from starting. Each is one line of text.
  std::vector<std::string> notices;
};

// Loads the configuration and all files that it names. What the server needs from them to start is
// checked here, and only here, so that --check_config finds what a start would find. `open_files`
// is the number of files that the process may have open; certificates must be valid at `now`.
// `system_authorities` is the system's file of certificate authorities.
LoadedConfiguration LoadConfiguration(
    const std::string& path, int64_t open_files, absl::Time now,
    const std::string& system_authorities = TrustStore::kSystemFile);

}  // namespace uid2

#endif  // SERVER_CONFIG_CONFIGURATION_H_
