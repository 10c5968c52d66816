// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_LOG_OPTIONS_H_
#define SERVER_TELEMETRY_LOG_OPTIONS_H_

#include "server/telemetry/severity.h"

namespace uid2 {

struct LogOptions {
  // Lines of a lower severity are not logged.
  Severity min_severity = Severity::kInfo;
  // How many lines about calls and their attempts the log takes, on average; 0 if there is no
  // limit. docs/decisions/0027-log.md says why it is this number.
  int max_lines_per_second = 1000;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LOG_OPTIONS_H_
