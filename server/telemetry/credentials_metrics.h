// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_CREDENTIALS_METRICS_H_
#define SERVER_TELEMETRY_CREDENTIALS_METRICS_H_

#include "absl/strings/string_view.h"
#include "server/telemetry/metric.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/reload_metrics.h"

namespace uid2 {

// The metrics of one participant's credentials.
struct CredentialsMetrics {
  // `participant` is a configured name.
  static CredentialsMetrics In(Metrics& metrics, absl::string_view participant);

  // Of their files.
  ReloadMetrics reload;
  // When those in use were read, as a Unix time in seconds.
  Gauge loaded;
};

}  // namespace uid2

#endif  // SERVER_TELEMETRY_CREDENTIALS_METRICS_H_
