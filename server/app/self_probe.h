// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_SELF_PROBE_H_
#define SERVER_APP_SELF_PROBE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/app/listener_dial.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/event/file_descriptor.h"
#include "server/event/thread.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/self_probe_metrics.h"

namespace uid2 {

// Detects that this process no longer accepts connections. When gRPC 1.51 runs out of file
// descriptors, its listener dies for good (CVE-2023-4785), while health stays SERVING on the
// connections that are left. So a thread of its own, named "self_probe", opens a new connection to
// the listener again and again.
class SelfProbe {
 public:
  // The outcome of the latest probe that was a success or a failure.
  struct Result {
    // When it ended, or a later one that was skipped.
    ListenerDial::TimePoint ended;
    bool answered = false;
  };

  // Called when the listener has died, with the reason as one line of text.
  using OnDead = absl::AnyInvocable<void(absl::string_view reason) &&>;

  // Must outlive the probe.
  struct Reporting {
    const CivilClock& clock;
    SelfProbeMetrics metrics;
    EventLog& events;
  };

  // Begins to probe what listens on `address`, "HOST:PORT"; `tls` says whether it speaks TLS. Calls
  // `on_dead` once, on the probe's thread, after options.failures failures in a row, and does not
  // probe again. A probe that could not be made, because no file descriptors were left, is neither
  // a failure nor a success. reporting.events gets a line when probes begin to fail or are
  // skipped, and when they succeed again.
  static absl::StatusOr<std::unique_ptr<SelfProbe>> Start(const SelfProbeOptions& options,
                                                          const std::string& address, bool tls,
                                                          const Reporting& reporting,
                                                          OnDead on_dead);

  // Ends the probe in progress and waits for the thread. Destroy this before the listener is
  // closed.
  ~SelfProbe();

  SelfProbe(const SelfProbe&) = delete;
  SelfProbe& operator=(const SelfProbe&) = delete;

  // Not set before the first result. Thread-safe; neither blocks nor probes.
  absl::optional<Result> last() const;

 private:
  struct Target {
    ListenerAddress address;
    bool has_answered = false;
  };

  SelfProbe(const SelfProbeOptions& options, std::string address, ListenerDial dial,
            const std::vector<ListenerAddress>& targets, FileDescriptor stop,
            const Reporting& reporting, OnDead on_dead);

  void Run();
  // Returns whether the probe was stopped meanwhile.
  bool Wait(ListenerDial::TimePoint until) const;
  absl::Status Probe(ListenerDial::TimePoint deadline);
  void Judge(const absl::Status& status);
  void Record(bool answered);
  void Count(bool answered);

  const SelfProbeOptions options_;
  const std::string address_;
  const ListenerDial dial_;
  std::vector<Target> targets_;
  // Readable once the thread is to end.
  const FileDescriptor stop_;
  const Reporting reporting_;
  OnDead on_dead_;
  int failures_ = 0;
  bool skipping_ = false;
  // Twice the nanoseconds of Result::ended, plus 1 if it was answered; 0 if there is none.
  std::atomic<int64_t> last_{0};
  absl::optional<Thread> thread_;
};

}  // namespace uid2

#endif  // SERVER_APP_SELF_PROBE_H_
