#include "server/app/lane.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/app/version.h"
#include "server/call/draw.h"
#include "server/operator/resilience/coalescing_token_api.h"
#include "server/operator/resilience/retrying_token_api.h"
#include "server/operator/resilience/throttling_token_api.h"
#include "server/operator/uid2_token_api.h"

namespace uid2 {
namespace {

void LogTrustStore(const absl::Status& status, EventLog& events) {
  if (status.ok()) {
    events.Event(Severity::kInfo, "the changed file of certificate authorities is in use");
  } else {
    events.Event(Severity::kError,
                 absl::StrCat("the changed file of certificate authorities is not used, but the "
                              "earlier one: ",
                              status.message()));
  }
}

// What a participant's calls go through below the use cases, from the inside out.
absl::StatusOr<std::unique_ptr<TokenApi>> MakeTokenApi(const Lane::Shared& shared,
                                                       const ParticipantConfiguration& configured,
                                                       ParticipantState& state,
                                                       CurlHttpClient& http) {
  const absl::Duration attempt_timeout = shared.configuration.http.request_timeout;
  std::vector<RetryingTokenApi::Address> addresses;
  for (AddressState& address : state.addresses) {
    absl::StatusOr<std::unique_ptr<TokenApi>> attempt =
        Uid2TokenApi::New(address.url, configured.credentials, kClientVersion, http, address.clock);
    if (!attempt.ok()) return attempt.status();
    auto throttling = std::make_unique<ThrottlingTokenApi>(
        *std::move(attempt), address.throttle, shared.clock, attempt_timeout, &DrawUniform);
    addresses.push_back({std::move(throttling), address.rest});
  }
  auto retrying = std::make_unique<RetryingTokenApi>(
      std::move(addresses), shared.configuration.retries, attempt_timeout,
      RetryingTokenApi::Environment{state.retry_budget, shared.counts, http.timers(), shared.clock,
                                    &DrawUniform});
  return std::make_unique<CoalescingTokenApi>(std::move(retrying), state.refresh_flights,
                                              http.timers(), shared.clock,
                                              shared.configuration.retries.least_time);
}

absl::StatusOr<std::vector<Participant>> MakeParticipants(const Lane::Shared& shared,
                                                          CurlHttpClient& http) {
  std::vector<Participant> participants;
  for (size_t i = 0; i < shared.participants.size(); ++i) {
    const ParticipantConfiguration& configured = shared.configuration.participants[i];
    ParticipantState& state = shared.participants[i];
    absl::StatusOr<std::unique_ptr<TokenApi>> token_api =
        MakeTokenApi(shared, configured, state, http);
    if (!token_api.ok()) return token_api.status();
    participants.push_back(
        {configured.name, configured.dii_policy, *std::move(token_api), *state.preferred_clock});
  }
  return participants;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lane>> Lane::New(const Shared& shared,
                                                IdentityFront::Service& service,
                                                std::unique_ptr<grpc::ServerCompletionQueue> queue,
                                                EventLog* events) {
  absl::StatusOr<std::unique_ptr<CurlHttpClient>> http =
      CurlHttpClient::New(shared.configuration.http, [events](const absl::Status& status) {
        if (events != nullptr) LogTrustStore(status, *events);
      });
  if (!http.ok()) return http.status();
  absl::StatusOr<std::vector<Participant>> participants = MakeParticipants(shared, **http);
  if (!participants.ok()) return participants.status();
  return std::unique_ptr<Lane>(
      new Lane(shared, service, std::move(queue), *std::move(http), *std::move(participants)));
}

Lane::Lane(const Shared& shared, IdentityFront::Service& service,
           std::unique_ptr<grpc::ServerCompletionQueue> queue, std::unique_ptr<CurlHttpClient> http,
           std::vector<Participant> participants)
    : http_(std::move(http)),
      participants_(std::move(participants)),
      thread_(std::move(queue)),
      environment_{thread_, shared.clock, shared.admission, shared.log,
                   shared.configuration.deadlines},
      front_(service, participants_, environment_) {}

void Lane::Start() {
  front_.Start();
  thread_.Start();
}

void Lane::Stop() { thread_.Stop(); }

}  // namespace uid2
