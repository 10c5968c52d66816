// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_SEVERITY_H_
#define SERVER_TELEMETRY_SEVERITY_H_

namespace uid2 {

// How much a line of the log matters, in ascending order.
enum class Severity { kDebug, kInfo, kWarning, kError };

}  // namespace uid2

#endif  // SERVER_TELEMETRY_SEVERITY_H_
