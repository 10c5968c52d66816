#include "server/app/lane.h"

#include <utility>

#include "server/app/version.h"
#include "server/operator/uid2_token_api.h"

namespace uid2 {
namespace {

absl::StatusOr<std::vector<Participant>> MakeParticipants(const Configuration& configuration,
                                                          HttpClient& http, const Clock& clock) {
  std::vector<Participant> participants;
  for (const ParticipantConfiguration& configured : configuration.participants) {
    absl::StatusOr<std::unique_ptr<Uid2TokenApi>> token_api = Uid2TokenApi::New(
        configured.operator_urls.front(), configured.credentials, kClientVersion, http, clock);
    if (!token_api.ok()) return token_api.status();
    participants.push_back({configured.name, configured.dii_policy, *std::move(token_api)});
  }
  return participants;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lane>> Lane::New(
    const Shared& shared, IdentityFront::Service& service,
    std::unique_ptr<grpc::ServerCompletionQueue> queue) {
  absl::StatusOr<std::unique_ptr<CurlHttpClient>> http =
      CurlHttpClient::New(shared.configuration.http);
  if (!http.ok()) return http.status();
  absl::StatusOr<std::vector<Participant>> participants =
      MakeParticipants(shared.configuration, **http, shared.clock);
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
                   shared.configuration.max_call_time},
      front_(service, participants_, environment_) {}

void Lane::Start() {
  front_.Start();
  thread_.Start();
}

void Lane::Stop() { thread_.Stop(); }

}  // namespace uid2
