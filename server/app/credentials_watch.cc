// SPDX-License-Identifier: Apache-2.0

#include "server/app/credentials_watch.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "server/event/file_stamp.h"
#include "server/operator/api_key_use.h"
#include "server/operator/operator_credentials.h"
#include "server/secrets/credentials_folder.h"

namespace uid2 {
namespace {

std::string Describe(bool same_api_key, bool same_client_secret) {
  if (same_api_key && same_client_secret) return "the files have changed, but not the credentials";
  return absl::StrCat("the changed credentials are in use",
                      same_api_key         ? "; api_key is the same as before"
                      : same_client_secret ? "; client_secret is the same as before"
                                           : "");
}

}  // namespace

CredentialsWatch::CredentialsWatch(const ParticipantConfiguration& participant,
                                   OperatorCredentialsProvider& provider,
                                   const Environment& environment)
    : participant_(participant),
      provider_(provider),
      environment_(environment),
      metrics_(CredentialsMetrics::In(environment.metrics, participant.name)) {}

absl::StatusOr<std::unique_ptr<CredentialsWatch>> CredentialsWatch::Begin(
    const ParticipantConfiguration& participant, OperatorCredentialsProvider& provider,
    const Environment& environment) {
  auto result = absl::WrapUnique(new CredentialsWatch(participant, provider, environment));
  absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> watch = environment.watcher.Begin(
      {.paths = CredentialsFiles(participant.credentials_dir),
       .load =
           [self = result.get(), first = true]() mutable {
             return std::exchange(first, false) ? self->LoadAtStart() : self->Load();
           },
       .report = [self = result.get()](const absl::Status& status) { self->Report(status); }});
  if (!watch.ok()) {
    return absl::Status(watch.status().code(), absl::StrCat("participant ", participant.name, ": ",
                                                            watch.status().message()));
  }
  result->watch_ = *std::move(watch);
  return result;
}

absl::StatusOr<std::vector<std::unique_ptr<CredentialsWatch>>> CredentialsWatch::BeginAll(
    const Configuration& configuration, std::deque<ParticipantState>& participants,
    const Environment& environment) {
  std::vector<std::unique_ptr<CredentialsWatch>> watches;
  for (size_t i = 0; i < participants.size(); ++i) {
    const ParticipantConfiguration& participant = configuration.participants[i];
    if (participant.credentials_dir.empty()) continue;
    absl::StatusOr<std::unique_ptr<CredentialsWatch>> watch =
        Begin(participant, participants[i].credentials, environment);
    if (!watch.ok()) return watch.status();
    watches.push_back(*std::move(watch));
  }
  return watches;
}

absl::Status CredentialsWatch::LoadAtStart() {
  const std::vector<std::string> files = CredentialsFiles(participant_.credentials_dir);
  if (FileStamp::OfAll(files) != participant_.credentials_stamps) {
    // Nothing uses the earlier ones, so there is no reason to wait for the second file.
    half_loads_ = kMaxHalfLoads;
    if (absl::Status status = Load(); !status.ok()) return status;
  }
  metrics_.loaded.Set(absl::ToDoubleSeconds(environment_.clock.Now() - absl::UnixEpoch()));
  return absl::OkStatus();
}

absl::Status CredentialsWatch::Load() {
  CredentialsFolder folder = CredentialsFolder::Read(participant_.credentials_dir);
  if (!folder.credentials.has_value()) {
    half_loads_ = 0;
    return absl::InvalidArgumentError(absl::StrJoin(folder.problems, "; "));
  }
  absl::StatusOr<OperatorCredentialsPtr> loaded =
      OperatorCredentials::New(*std::move(folder.credentials));
  if (!loaded.ok()) return loaded.status();
  const OperatorCredentialsPtr current = provider_.Current();
  const bool same_api_key = (*loaded)->HasApiKeyOf(*current);
  const bool same_client_secret = (*loaded)->HasClientSecretOf(*current);
  if (same_api_key != same_client_secret && ++half_loads_ <= kMaxHalfLoads) {
    return absl::UnavailableError("only one of the files has changed");
  }
  half_loads_ = 0;
  news_ = Describe(same_api_key, same_client_secret);
  // The same credentials remain the same snapshot, so that no call takes them for newer ones.
  if (!same_api_key || !same_client_secret) provider_.Replace(*std::move(loaded));
  return absl::OkStatus();
}

void CredentialsWatch::Report(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return;
  metrics_.reload.Changed(status.ok());
  if (!status.ok()) {
    return Write(Severity::kError,
                 absl::StrCat("the changed credentials are not used, but the earlier ones: ",
                              status.message()));
  }
  metrics_.loaded.Set(absl::ToDoubleSeconds(environment_.clock.Now() - absl::UnixEpoch()));
  Write(Severity::kInfo, news_);
  for (const std::string& doubt :
       DoubtsAboutApiKey(*provider_.Current(), participant_.scope, participant_.operator_urls,
                         participant_.credentials_dir)) {
    Write(Severity::kWarning, doubt);
  }
}

void CredentialsWatch::Write(Severity severity, absl::string_view what) {
  environment_.events.Event(severity, absl::StrCat("participant ", participant_.name, ": ", what));
}

}  // namespace uid2
