// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_DRAIN_H_
#define SERVER_APP_DRAIN_H_

#include <atomic>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/app/drain_progress.h"
#include "server/app/liveness.h"
#include "server/app/readiness.h"
#include "server/app/self_probe.h"
#include "server/app/server.h"
#include "server/app/termination.h"
#include "server/telemetry/json_log.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The end of a process that serves: what begins it, what the log says about it, and the exit
// status. There is one in a process, which is never destroyed. Thread-safe.
class Drain {
 public:
  // The exit statuses, which --help and docs/runbook.md describe. A signal that ends the process at
  // once has its own: see Termination.
  static constexpr int kAllFinished = 0;
  static constexpr int kCallsCut = 1;
  static constexpr int kListenerDead = 3;

  // What the process may take in addition to the drain's delay and timeout.
  static constexpr absl::Duration kEndTime = absl::Seconds(2);

  // What it may take if the listener is dead: whoever restarts the process must not wait longer,
  // whatever the configured drain.
  static constexpr absl::Duration kTimeWithoutListener = absl::Seconds(8);
  // How much of that the calls in flight have. There is no delay, because no client can connect.
  static constexpr absl::Duration kTimeoutWithoutListener = absl::Seconds(5);

  // Everything must live until the process ends.
  Drain(Termination& termination, JsonLog& log, const Metrics& metrics);

  // From now on, a signal begins the drain. Call this once.
  void Expect(absl::Duration delay, absl::Duration timeout);

  // Begins the drain because the server no longer accepts connections; `reason` is one line of
  // text. No effect if it has begun. Call this after Expect().
  void BeginWithoutListener(absl::string_view reason);

  // Waits until the drain begins, makes the process unready, then ends the probe and the server,
  // and writes the log. Returns the exit status. `liveness` follows the probe. If something hangs,
  // the process ends in time before this returns.
  int Run(Readiness& readiness, Liveness& liveness, std::unique_ptr<SelfProbe> probe,
          std::unique_ptr<Server> server);

 private:
  int Status(int calls_cut) const;
  int CallsCutByHardStop() const;
  void ReportHardStop();

  Termination& termination_;
  JsonLog& log_;
  const Metrics& metrics_;
  // As configured.
  absl::Duration delay_;
  absl::Duration timeout_;
  DrainProgress progress_;
  std::atomic<bool> listener_dead_{false};
};

}  // namespace uid2

#endif  // SERVER_APP_DRAIN_H_
