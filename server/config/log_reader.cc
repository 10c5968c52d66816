// SPDX-License-Identifier: Apache-2.0

#include "server/config/log_reader.h"

#include "server/telemetry/severity.h"

namespace uid2 {
namespace {

using identity::config::v1::Log;

// Far more than one process can write.
constexpr int kMaxLinesPerSecond = 1000000;

Severity SeverityOf(Log::Severity configured, Severity otherwise) {
  switch (configured) {
    case Log::DEBUG:
      return Severity::kDebug;
    case Log::INFO:
      return Severity::kInfo;
    case Log::WARNING:
      return Severity::kWarning;
    case Log::ERROR:
      return Severity::kError;
    default:
      return otherwise;
  }
}

}  // namespace

void ReadLog(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const Log& config = source.config().log();
  ConfigChecker log = check.Nested("log", config);
  LogOptions& options = result.log;
  (void)log.Enumerated("min_severity", Log::INFO);
  options.min_severity = SeverityOf(config.min_severity(), options.min_severity);
  options.max_lines_per_second = log.Number(
      "max_lines_per_second", config.has_max_lines_per_second(), config.max_lines_per_second(),
      options.max_lines_per_second, 0, kMaxLinesPerSecond);
}

}  // namespace uid2
