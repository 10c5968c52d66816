// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_RELOAD_METRICS_H_
#define SERVER_TELEMETRY_RELOAD_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// What becomes of changes to files that the server follows.
struct ReloadMetrics {
  // The series are NAME_reload_total and NAME_reload_failing. `files` names the files in their
  // help.
  static ReloadMetrics In(Metrics& metrics, absl::string_view name, absl::string_view files,
                          const Metrics::Labels& labels = {});

  // Call this once for each changed content: it is in use, or it was refused, so that the earlier
  // one stays in use.
  void Changed(bool in_use) const;

  Counter successes;
  Counter failures;
  // 1 while the files contain what was refused.
  Gauge failing;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_RELOAD_METRICS_H_
