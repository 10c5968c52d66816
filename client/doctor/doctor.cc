// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/doctor.h"

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/doctor/caller_checks.h"
#include "client/doctor/file_checks.h"
#include "client/doctor/handshake.h"
#include "client/doctor/handshake_finding.h"
#include "client/doctor/participant_checkup.h"
#include "server/app/process.h"
#include "server/config/configuration.h"
#include "server/http/tls/trust_store.h"

namespace uid2::doctor {
namespace {

constexpr char kCheck[] = "configuration";
// For each step of the handshake with the server.
constexpr absl::Duration kHandshakeTimeout = absl::Seconds(5);

std::string Names(const Configuration& configuration) {
  return absl::StrJoin(configuration.participants, ", ",
                       [](std::string* out, const ParticipantConfiguration& participant) {
                         absl::StrAppend(out, participant.name);
                       });
}

// Whether callers can connect, and may call.
void ExamineCaller(const Configuration& configuration, const client::ChannelOptions& caller,
                   const Clock& clock, const FindingSink& sink) {
  sink(CheckServerTls(configuration.tls, clock.Now()));
  if (!caller.certificate_file.empty()) {
    sink(CheckCallerCertificate(caller.certificate_file, configuration.tls, configuration.callers,
                                clock.Now()));
  }
  // A certificate alone is enough to look it up in the list of callers.
  if (caller.UsesTls() && caller.certificate_file.empty() == caller.key_file.empty()) {
    sink(CheckHandshake(TryHandshake(caller, kHandshakeTimeout), caller, clock.Now()));
  }
}

}  // namespace

void Examine(const Subject& subject, const Clock& clock, const FindingSink& sink) {
  const std::string& path = subject.path;
  const std::string& participant = subject.participant;
  // Like the server, so that the limit is the same.
  const absl::StatusOr<int64_t> open_files = RaiseOpenFileLimit();
  if (!open_files.ok()) {
    return sink({Severity::kError, kCheck, std::string(open_files.status().message()), "", ""});
  }
  const LoadedConfiguration loaded = LoadConfiguration(path, *open_files, clock.Now());
  for (const std::string& problem : loaded.problems) {
    sink({Severity::kError, kCheck, problem, "", ""});
  }
  if (!loaded.configuration.has_value()) {
    sink({Severity::kSkipped, "operator", "fix configuration first", "", ""});
    return;
  }
  const Configuration& configuration = *loaded.configuration;
  for (const std::string& notice : loaded.notices) {
    sink({Severity::kWarning, kCheck, notice, "", ""});
  }
  sink({Severity::kOk, kCheck, absl::StrCat(path, " with ", Names(configuration)), "", ""});
  ExamineCaller(configuration, subject.caller, clock, sink);
  sink(CheckAuthorities(configuration.ca_file, configuration.authorities.has_value(), clock.Now()));
  const absl::StatusOr<std::shared_ptr<const TrustStore>> authorities =
      configuration.authorities.has_value() ? configuration.authorities->store
                                            : TrustStore::Empty();
  if (!authorities.ok()) {
    return sink({Severity::kError, kCheck, std::string(authorities.status().message()), "", ""});
  }
  bool found = false;
  for (const ParticipantConfiguration& each : configuration.participants) {
    if (!participant.empty() && each.name != participant) continue;
    found = true;
    ExamineParticipant({each, configuration.http, *authorities}, clock, sink);
  }
  if (!found) {
    sink({Severity::kError, kCheck, absl::StrCat("unknown participant ", participant),
          absl::StrCat("set --participant to one of ", Names(configuration)), ""});
  }
}

}  // namespace uid2::doctor
