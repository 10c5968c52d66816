// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_CREDENTIALS_WATCH_H_
#define SERVER_APP_CREDENTIALS_WATCH_H_

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/app/participant_state.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/event/file_watcher.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/telemetry/credentials_metrics.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// Replaces a participant's credentials when their files change. Credentials that cannot be used
// leave the earlier ones in use. The log and the metrics say what has become of each change.
//
// The API key and the client secret are replaced together. If only one of the files has changed,
// the other one may follow, so this waits for it for kMaxHalfLoads more checks of the watcher.
class CredentialsWatch {
 public:
  static constexpr int kMaxHalfLoads = 2;

  // What the watches use. Must outlive them.
  struct Environment {
    FileWatcher& watcher;
    Metrics& metrics;
    const Clock& clock;
    EventLog& events;
  };

  // `participant` and `provider` must outlive the result. If the files have changed since
  // `participant` was read, loads them now, and fails if they cannot be used.
  static absl::StatusOr<std::unique_ptr<CredentialsWatch>> Begin(
      const ParticipantConfiguration& participant, OperatorCredentialsProvider& provider,
      const Environment& environment);

  // One for each participant whose configuration names a folder. `participants` are those of
  // `configuration`; both must outlive the result.
  static absl::StatusOr<std::vector<std::unique_ptr<CredentialsWatch>>> BeginAll(
      const Configuration& configuration, std::deque<ParticipantState>& participants,
      const Environment& environment);

  CredentialsWatch(const CredentialsWatch&) = delete;
  CredentialsWatch& operator=(const CredentialsWatch&) = delete;

 private:
  CredentialsWatch(const ParticipantConfiguration& participant,
                   OperatorCredentialsProvider& provider, const Environment& environment);

  // kUnavailable if only one of the files has changed yet.
  absl::Status Load();
  absl::Status LoadAtStart();
  void Report(const absl::Status& status);
  void Write(Severity severity, absl::string_view what);

  const ParticipantConfiguration& participant_;
  OperatorCredentialsProvider& provider_;
  const Environment environment_;
  const CredentialsMetrics metrics_;
  // How often only one of the files had changed, one time after the other.
  int half_loads_ = 0;
  // What the last successful Load() has found, for the log.
  std::string news_;
  // The last member, because its destructor waits for Load(), which uses the others.
  std::unique_ptr<FileWatcher::Watch> watch_;
};

}  // namespace uid2

#endif  // SERVER_APP_CREDENTIALS_WATCH_H_
