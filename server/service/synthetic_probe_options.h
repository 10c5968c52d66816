// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SERVICE_SYNTHETIC_PROBE_OPTIONS_H_
#define SERVER_SERVICE_SYNTHETIC_PROBE_OPTIONS_H_

#include "absl/time/time.h"

namespace uid2 {

// See SyntheticProbe in server_config.proto, which also limits the ranges.
struct SyntheticProbeOptions {
  // The longest time from the beginning of one probe to the beginning of the next, unless a probe
  // takes longer.
  absl::Duration interval = absl::Minutes(1);
  // The time limit for one probe, with all its requests.
  absl::Duration timeout = absl::Seconds(5);
};

}  // namespace uid2

#endif  // SERVER_SERVICE_SYNTHETIC_PROBE_OPTIONS_H_
