// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_PARTICIPANT_STATE_H_
#define SERVER_APP_PARTICIPANT_STATE_H_

#include <deque>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "server/app/operator_state_log.h"
#include "server/call/call_context.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/operator/operator_clock.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/operator/preferred_clock.h"
#include "server/operator/resilience/address_ejection.h"
#include "server/operator/resilience/reply_times.h"
#include "server/operator/resilience/retry_budget.h"
#include "server/operator/resilience/shared_refreshes.h"
#include "server/operator/resilience/throttle.h"
#include "server/telemetry/address_metrics.h"
#include "server/telemetry/endpoint_metrics.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/operator_metrics.h"

namespace uid2 {

// How well one endpoint works at an address. Each has its own, because an operator may answer
// refreshes, which any visitor can cause, and fail everything else. Must not move.
struct EndpointHealth {
  // `endpoint` is "generate" or "refresh". `log` and `metrics` must outlive this object.
  EndpointHealth(absl::string_view endpoint, const Configuration& configuration,
                 OperatorStateLog& log, const EndpointMetrics& metrics)
      : throttle(
            configuration.throttling,
            [&log, endpoint](bool throttling) { log.ThrottlingChanged(endpoint, throttling); }),
        ejection(configuration.address_ejection, [&log, &metrics, endpoint](bool ejected) {
          metrics.SetEjected(ejected);
          log.EjectionChanged(endpoint, ejected);
        }) {}

  Throttle throttle;
  AddressEjection ejection;
};

// What is known about one of a participant's operator addresses. Must not move, because the other
// members report their changes to `log` and `metrics`.
struct AddressState {
  AddressState(const ParticipantConfiguration& participant, const std::string& url_in,
               const Configuration& configuration, const Clock& clock_in, Metrics& registry,
               EventLog& events)
      : url(url_in),
        metrics(AddressMetrics::In(registry, participant.name, url)),
        log(participant.name, url, participant.operator_urls.size() > 1, events),
        generate("generate", configuration, log, metrics.generate),
        refresh("refresh", configuration, log, metrics.refresh),
        clock(clock_in, [this](absl::Duration offset) { log.ClockOffsetChanged(offset); }) {}

  AddressState(const AddressState&) = delete;
  AddressState& operator=(const AddressState&) = delete;

  const std::string url;
  const AddressMetrics metrics;
  OperatorStateLog log;
  EndpointHealth generate;
  EndpointHealth refresh;
  OperatorClock clock;
};

// What the workers share about one participant and its operator. All members are thread-safe.
struct ParticipantState {
  // Begins with `initial`. `clock`, `registry` and `events` must outlive this object.
  ParticipantState(const ParticipantConfiguration& participant, OperatorCredentialsPtr initial,
                   const Configuration& configuration, const Clock& clock, Metrics& registry,
                   EventLog& events);

  // Sets the gauges that change with time or too often to be set by calls: those of throttling,
  // retry budgets and clocks.
  void UpdateGauges(CallContext::TimePoint now);

  const OperatorMetrics metrics;
  OperatorCredentialsProvider credentials;
  // In order of preference.
  std::deque<AddressState> addresses;
  ReplyTimes reply_times;
  RetryBudget retry_budget;
  RetryBudget provoked_retry_budget;
  SharedRefreshes shared_refreshes;
  // The time that decides whether the participant's identities are fresh.
  std::unique_ptr<PreferredClock> preferred_clock;
};

// Returns one for each configured participant, in the same order. Takes the credentials out of
// `configuration`, because it would keep them in memory after their replacement. `clock`,
// `metrics` and `events` must outlive the result.
std::deque<ParticipantState> MakeParticipantStates(Configuration& configuration, const Clock& clock,
                                                   Metrics& metrics, EventLog& events);

}  // namespace uid2

#endif  // SERVER_APP_PARTICIPANT_STATE_H_
