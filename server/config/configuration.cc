// SPDX-License-Identifier: Apache-2.0

#include "server/config/configuration.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/config/admin_address_reader.h"
#include "server/config/admission_reader.h"
#include "server/config/authorities_reader.h"
#include "server/config/callers_reader.h"
#include "server/config/client_connections_reader.h"
#include "server/config/config_checker.h"
#include "server/config/config_source.h"
#include "server/config/listen_address.h"
#include "server/config/log_reader.h"
#include "server/config/operator_calls_reader.h"
#include "server/config/participants_reader.h"
#include "server/config/self_probe_reader.h"
#include "server/config/synthetic_probe_reader.h"
#include "server/config/tls_reader.h"

namespace uid2 {
namespace {

// If the whole time of a call is too short to begin one, every call fails.
void CheckCallTimes(const identity::config::v1::ServerConfig& config, const Configuration& result,
                    ConfigChecker& check) {
  const absl::Duration least = result.retry_policy.min_time_left;
  const absl::Duration most = result.deadlines.max_call_time;
  if (least < most) return;
  if (config.has_min_call_time()) {
    check.Problem("min_call_time", absl::StrCat("must be shorter than max_call_time, which is ",
                                                absl::FormatDuration(most)));
  } else {
    check.Problem("max_call_time", absl::StrCat("must be longer than min_call_time, which is ",
                                                absl::FormatDuration(least)));
  }
}

}  // namespace

LoadedConfiguration LoadConfiguration(const std::string& path, int64_t open_files, absl::Time now,
                                      const std::string& system_authorities) {
  ConfigSource source(path);
  LoadedConfiguration loaded;
  if (!source.parsed()) {
    loaded.problems = source.problems();
    return loaded;
  }
  const identity::config::v1::ServerConfig& config = source.config();
  ConfigChecker check(source);
  Configuration result;
  result.listen_address =
      check.Text("listen_address", config.listen_address(), kDefaultListenAddress);
  const bool insecure = check.Flag("insecure", config.has_insecure(), config.insecure(), false);
  const absl::Status address =
      CheckListenAddress(result.listen_address, AuthenticatesClients(config), insecure);
  if (!address.ok()) check.Problem("listen_address", address.message());
  ReadAdminAddress(source, check, result);
  ReadTls(source, now, check, result);
  result.reflection =
      check.Flag("reflection", config.has_reflection(), config.reflection(), result.reflection);
  DeadlineOptions& deadlines = result.deadlines;
  deadlines.max_call_time =
      check.Duration("max_call_time", config.has_max_call_time(), config.max_call_time(),
                     deadlines.max_call_time, absl::Milliseconds(100), absl::Minutes(1));
  deadlines.deadline_margin =
      check.Duration("deadline_margin", config.has_deadline_margin(), config.deadline_margin(),
                     deadlines.deadline_margin, absl::ZeroDuration(), absl::Seconds(1));
  result.retry_policy.min_time_left =
      check.Duration("min_call_time", config.has_min_call_time(), config.min_call_time(),
                     result.retry_policy.min_time_left, absl::ZeroDuration(), absl::Seconds(10));
  CheckCallTimes(config, result, check);
  result.workers = check.Number("workers", config.has_workers(), config.workers(), 1, 1, 64);
  ReadAdmission(source, open_files, check, result);
  ReadCallers(source, check, result);
  ReadClientConnections(source, check, result);
  ReadParticipants(source, check, result);
  ReadOperatorCalls(source, check, result);
  ReadAuthorities(source, system_authorities, check, result);
  ConfigChecker drain = check.Nested("drain", config.drain());
  result.drain_delay =
      drain.Duration("delay", config.drain().has_delay(), config.drain().delay(),
                     absl::Milliseconds(200), absl::ZeroDuration(), absl::Minutes(5));
  result.drain_timeout =
      drain.Duration("timeout", config.drain().has_timeout(), config.drain().timeout(),
                     absl::Seconds(10), absl::ZeroDuration(), absl::Minutes(5));
  ReadSelfProbe(source, check, result);
  ReadLog(source, check, result);
  ReadSyntheticProbe(source, check, result);
  loaded.problems = source.problems();
  loaded.notices = source.notices();
  if (!loaded.problems.empty()) return loaded;
  loaded.configuration = std::move(result);
  loaded.effective = source.effective().Text();
  return loaded;
}

}  // namespace uid2
