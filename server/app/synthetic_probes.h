// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_SYNTHETIC_PROBES_H_
#define SERVER_APP_SYNTHETIC_PROBES_H_

#include <deque>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/app/participant_state.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/http/http_transport.h"
#include "server/http/tls/trust_store.h"
#include "server/service/synthetic_probe.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The synthetic probes of all participants' operator addresses. They have an HTTP client of their
// own and so a thread and connections of their own: a probe neither delays calls nor waits for
// them, and nothing that is counted for calls counts a probe. From calls they only share the
// credentials and the operators' clocks.
class SyntheticProbes {
 public:
  // `configuration` must have `synthetic_probe`. `participants`, `clock` and `metrics` must outlive
  // the result. Fails if there are no resources for the client.
  static absl::StatusOr<std::unique_ptr<SyntheticProbes>> Start(
      const Configuration& configuration, std::deque<ParticipantState>& participants,
      std::shared_ptr<const TrustStore> trust_store, const Clock& clock, Metrics& metrics);

  SyntheticProbes(const SyntheticProbes&) = delete;
  SyntheticProbes& operator=(const SyntheticProbes&) = delete;

  // See HttpTransport. Thread-safe.
  void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) {
    http_->ReplaceTrustStore(std::move(trust_store));
  }

  // Ends the probes in flight and begins no others. Does not wait for that.
  void Stop();

 private:
  explicit SyntheticProbes(std::unique_ptr<HttpTransport> http) : http_(std::move(http)) {}

  std::deque<SyntheticProbe> probes_;
  // Destroyed before the probes, because its thread runs them.
  const std::unique_ptr<HttpTransport> http_;
};

}  // namespace uid2

#endif  // SERVER_APP_SYNTHETIC_PROBES_H_
