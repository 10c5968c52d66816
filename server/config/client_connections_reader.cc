// SPDX-License-Identifier: Apache-2.0

#include "server/config/client_connections_reader.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "server/rpc/client_connection_options.h"

namespace uid2 {
namespace {

// A client with one connection can then have every call that is admitted, and is told OVERLOADED if
// it makes more, while its health watches and reflection go on.
constexpr int kStreamsBesideCalls = 100;
constexpr int kMostStreams = 1'000'100;

// A response must still travel to the client after the longest call.
constexpr absl::Duration kGraceAfterCall = absl::Seconds(5);

// With less, a burst of calls could fail. The most is more than a machine has.
constexpr int64_t kLeastMemory = int64_t{16} << 20;
constexpr int64_t kMostMemory = int64_t{1} << 40;

}  // namespace

void ReadClientConnections(const ConfigSource& source, ConfigChecker& check,
                           Configuration& result) {
  const identity::config::v1::ClientConnections& config = source.config().client_connections();
  ClientConnectionOptions& options = result.client_connections;
  const absl::Duration longest_call = result.deadlines.max_call_time;
  ConfigChecker nested = check.Nested("client_connections", config);
  options.max_concurrent_streams =
      nested.Number("max_concurrent_streams", config.has_max_concurrent_streams(),
                    config.max_concurrent_streams(),
                    result.max_calls_in_flight + kStreamsBesideCalls, 1, kMostStreams);
  if (!config.has_max_concurrent_streams()) {
    nested.DerivedFrom("max_concurrent_streams",
                       absl::StrCat("max_calls_in_flight plus ", kStreamsBesideCalls));
  }
  options.handshake_timeout = nested.Duration("handshake_timeout", config.has_handshake_timeout(),
                                              config.handshake_timeout(), options.handshake_timeout,
                                              absl::Milliseconds(100), absl::Minutes(2));
  options.max_connection_age = nested.Duration(
      "max_connection_age", config.has_max_connection_age(), config.max_connection_age(),
      options.max_connection_age, absl::Seconds(1), absl::Hours(24));
  options.max_connection_age_grace =
      nested.Duration("max_connection_age_grace", config.has_max_connection_age_grace(),
                      config.max_connection_age_grace(), longest_call + kGraceAfterCall,
                      absl::Milliseconds(100), absl::Minutes(10));
  if (!config.has_max_connection_age_grace()) {
    nested.DerivedFrom("max_connection_age_grace",
                       absl::StrCat("max_call_time plus ", absl::FormatDuration(kGraceAfterCall)));
  }
  if (options.max_connection_age_grace < longest_call) {
    nested.Problem("max_connection_age_grace",
                   absl::StrCat("must not be shorter than max_call_time, which is ",
                                absl::FormatDuration(longest_call),
                                ", because calls that last longer than the grace are cut"));
  }
  options.max_connection_idle = nested.Duration(
      "max_connection_idle", config.has_max_connection_idle(), config.max_connection_idle(),
      options.max_connection_idle, absl::Seconds(1), absl::Hours(24));
  options.keepalive_time =
      nested.Duration("keepalive_time", config.has_keepalive_time(), config.keepalive_time(),
                      options.keepalive_time, absl::Seconds(1), absl::Hours(2));
  options.keepalive_timeout = nested.Duration("keepalive_timeout", config.has_keepalive_timeout(),
                                              config.keepalive_timeout(), options.keepalive_timeout,
                                              absl::Milliseconds(100), absl::Minutes(1));
  options.memory_quota_bytes = check.LargeNumber(
      "memory_quota_bytes", source.config().has_memory_quota_bytes(),
      source.config().memory_quota_bytes(), options.memory_quota_bytes, kLeastMemory, kMostMemory);
}

}  // namespace uid2
