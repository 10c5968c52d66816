// SPDX-License-Identifier: Apache-2.0

#include "server/app/synthetic_probes.h"

#include "absl/memory/memory.h"
#include "absl/time/time.h"
#include "server/app/version.h"
#include "server/call/random_fraction.h"
#include "server/http/http_client_options.h"
#include "server/http/transport_choice.h"
#include "server/operator/uid2_attempt_api.h"
#include "server/telemetry/synthetic_probe_metrics.h"

namespace uid2 {
namespace {

HttpClientOptions ForProbes(HttpClientOptions options) {
  options.retried = false;
  // Each probe opens a connection. One that was kept since the last probe may have been forgotten
  // by a load balancer, and then a probe would fail although calls do not.
  options.idle_timeout = absl::Seconds(1);
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SyntheticProbes>> SyntheticProbes::Start(
    const Configuration& configuration, std::deque<ParticipantState>& participants,
    std::shared_ptr<const TrustStore> trust_store, const Clock& clock, Metrics& metrics) {
  absl::StatusOr<std::unique_ptr<HttpTransport>> http =
      MakeHttpTransport(ForProbes(configuration.http), std::move(trust_store));
  if (!http.ok()) return http.status();
  auto probes = absl::WrapUnique(new SyntheticProbes(*std::move(http)));
  HttpTransport& client = *probes->http_;
  for (size_t i = 0; i < participants.size(); ++i) {
    const ParticipantConfiguration& configured = configuration.participants[i];
    ParticipantState& state = participants[i];
    for (AddressState& address : state.addresses) {
      auto attempts = std::make_unique<Uid2AttemptApi>(address.url, configured.scope,
                                                       ClientVersion(), client, address.clock);
      SyntheticProbe& probe = probes->probes_.emplace_back(
          std::move(attempts), configured.dii_policy, *configuration.synthetic_probe,
          SyntheticProbeMetrics::In(metrics, configured.name, address.url),
          SyntheticProbe::Environment{state.credentials, client.timers(), clock, &RandomFraction},
          [&log = address.log](const absl::Status& status) { log.ProbeResultChanged(status); });
      probe.Start();
    }
  }
  return probes;
}

void SyntheticProbes::Stop() {
  for (SyntheticProbe& probe : probes_) probe.Stop();
}

}  // namespace uid2
