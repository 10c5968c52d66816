// SPDX-License-Identifier: Apache-2.0

#include "server/app/worker.h"

#include <utility>

#include "server/app/version.h"
#include "server/call/random_fraction.h"
#include "server/http/transport_choice.h"
#include "server/operator/resilience/coalescing_token_api.h"
#include "server/operator/resilience/retrying_token_api.h"
#include "server/operator/resilience/throttling_attempt_api.h"
#include "server/operator/uid2_attempt_api.h"
#include "server/rpc/health_methods.h"
#include "server/rpc/reflection_methods.h"
#include "server/telemetry/http_metrics.h"
#include "server/telemetry/loop_metrics.h"
#include "server/telemetry/refresh_metrics.h"

namespace uid2 {
namespace {

// Builds the layers below the use cases for a participant's calls, from the inside out.
std::unique_ptr<TokenApi> MakeTokenApi(const Worker::Shared& shared,
                                       const ParticipantConfiguration& configured,
                                       ParticipantState& state, HttpTransport& http) {
  std::vector<RetryingTokenApi::Address> addresses;
  for (AddressState& address : state.addresses) {
    auto attempts = std::make_unique<Uid2AttemptApi>(address.url, configured.scope, ClientVersion(),
                                                     http, address.clock, address.metrics.http);
    auto throttling = std::make_unique<ThrottlingAttemptApi>(
        std::move(attempts), address.generate.throttle, address.refresh.throttle, state.reply_times,
        shared.clock, &RandomFraction);
    addresses.push_back({std::move(throttling), address.generate.ejection, address.refresh.ejection,
                         address.url, address.metrics});
  }
  auto retrying = std::make_unique<RetryingTokenApi>(
      std::move(addresses), shared.configuration.retry_policy,
      RetryingTokenApi::Environment{configured.name, state.credentials, state.retry_budget,
                                    state.provoked_retry_budget, state.reply_times, state.metrics,
                                    shared.log, http.timers(), shared.clock, &RandomFraction});
  return std::make_unique<CoalescingTokenApi>(std::move(retrying), state.shared_refreshes,
                                              http.timers(), shared.clock,
                                              shared.configuration.retry_policy.min_time_left);
}

std::vector<Participant> MakeParticipants(const Worker::Shared& shared, HttpTransport& http) {
  std::vector<Participant> participants;
  for (size_t i = 0; i < shared.participants.size(); ++i) {
    const ParticipantConfiguration& configured = shared.configuration.participants[i];
    ParticipantState& state = shared.participants[i];
    participants.push_back({configured.name, configured.dii_policy,
                            MakeTokenApi(shared, configured, state, http), *state.preferred_clock,
                            configured.scope, RefreshMetrics::In(shared.metrics, configured.name)});
  }
  return participants;
}

std::vector<StreamMethod> MakeStreamMethods(const Worker::Shared& shared) {
  std::vector<StreamMethod> methods = HealthMethods(shared.streams.health, shared.metrics);
  if (shared.reflection == nullptr) return methods;
  for (StreamMethod& method :
       ReflectionMethods(*shared.reflection, shared.admission, shared.metrics)) {
    methods.push_back(std::move(method));
  }
  return methods;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::New(
    const Shared& shared, const IdentityServiceHandlers::Service& service,
    std::unique_ptr<grpc::ServerCompletionQueue> queue,
    std::shared_ptr<const TrustStore> trust_store) {
  absl::StatusOr<std::unique_ptr<HttpTransport>> http = MakeHttpTransport(
      shared.configuration.http, std::move(trust_store), HttpMetrics::In(shared.metrics));
  if (!http.ok()) return http.status();
  std::vector<Participant> participants = MakeParticipants(shared, **http);
  return std::unique_ptr<Worker>(
      new Worker(shared, service, std::move(queue), *std::move(http), std::move(participants)));
}

Worker::Worker(const Shared& shared, const IdentityServiceHandlers::Service& service,
               std::unique_ptr<grpc::ServerCompletionQueue> queue,
               std::unique_ptr<HttpTransport> http, std::vector<Participant> participants)
    : http_(std::move(http)),
      participants_(std::move(participants)),
      callers_(shared.callers),
      thread_(std::move(queue)),
      environment_{thread_,
                   shared.clock,
                   shared.admission,
                   callers_,
                   shared.log,
                   shared.configuration.deadlines,
                   shared.methods_over},
      handlers_(service, participants_, environment_, shared.metrics),
      streams_(shared.streams, MakeStreamMethods(shared), environment_, shared.metrics) {
  thread_.MeasureStalls(LoopMetrics::In(shared.metrics, "grpc").stalls);
}

void Worker::Start() {
  handlers_.Start();
  streams_.Start();
  thread_.Start();
}

void Worker::Stop() {
  streams_.Close();
  thread_.Stop();
}

}  // namespace uid2
