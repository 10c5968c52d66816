// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_TELEMETRY_LATENCY_BOUNDS_H_
#define SERVER_TELEMETRY_LATENCY_BOUNDS_H_

#include <vector>

namespace uid2 {

// The upper bounds, in seconds, of the buckets of all latency histograms, which are the same so
// that dashboards can compare them.
inline std::vector<double> LatencyBounds() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

}  // namespace uid2

#endif  // SERVER_TELEMETRY_LATENCY_BOUNDS_H_
