// SPDX-License-Identifier: Apache-2.0

#include "server/app/drain.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// Whoever reads the log may have stopped.
constexpr absl::Duration kReaderTimeout = absl::Seconds(1);

// The rest of Termination::kReportTime is for the report itself.
constexpr absl::Duration kReaderTimeoutOfHardStop = absl::Milliseconds(250);

}  // namespace

Drain::Drain(Termination& termination, JsonLog& log, const Metrics& metrics)
    : termination_(termination), log_(log), metrics_(metrics) {}

void Drain::Expect(absl::Duration delay, absl::Duration timeout) {
  delay_ = delay;
  timeout_ = timeout;
  termination_.ExpectDrain(
      delay + timeout + kEndTime,
      {[this] { return Status(CallsCutByHardStop()); }, [this] { ReportHardStop(); }});
}

void Drain::BeginWithoutListener(absl::string_view reason) {
  log_.Event(Severity::kError, absl::StrCat(reason, "; the process ends"));
  termination_.BeginDrain(kTimeWithoutListener);
}

int Drain::Run(Readiness& readiness, Liveness& liveness, std::unique_ptr<SelfProbe> probe,
               std::unique_ptr<Server> server) {
  const int signal = termination_.AwaitDrain();
  // First of all, so that nothing that hangs keeps clients here.
  readiness.Drain();
  listener_dead_ = signal == 0;
  progress_.WaitFor("the self-probe to end");
  // The drain closes the port.
  liveness.Unfollow();
  probe.reset();
  log_.Event(Severity::kInfo,
             signal == 0 ? "draining" : absl::StrCat("signal ", signal, ": draining"));
  log_.Totals("draining", metrics_);
  if (listener_dead_) {
    server->Drain(absl::ZeroDuration(), std::min(timeout_, kTimeoutWithoutListener), progress_);
  } else {
    server->Drain(delay_, timeout_, progress_);
  }
  // Nothing is left that the configured timeout is for.
  termination_.ShortenLimit(kEndTime);
  server->EndThreads(progress_);
  server.reset();
  progress_.WaitFor("the log to be read");
  const int cut = progress_.calls_cut();
  log_.Totals("stopped", metrics_);
  log_.Event(cut == 0 ? Severity::kInfo : Severity::kWarning,
             absl::StrCat("stopped; calls cut: ", cut));
  (void)log_.writer().Flush(kReaderTimeout);
  progress_.WaitFor("the admin port and the libraries to end");
  return Status(cut);
}

int Drain::Status(int calls_cut) const {
  if (listener_dead_) return kListenerDead;
  return calls_cut == 0 ? kAllFinished : kCallsCut;
}

int Drain::CallsCutByHardStop() const {
  return progress_.calls_cut() + static_cast<int>(metrics_.Total("calls_in_flight"));
}

void Drain::ReportHardStop() {
  log_.Totals("stopped", metrics_);
  log_.Event(Severity::kError,
             absl::StrCat("hard stop: the process still waits for ", progress_.waiting_for(),
                          "; calls cut: ", CallsCutByHardStop()));
  (void)log_.writer().Flush(kReaderTimeoutOfHardStop);
}

}  // namespace uid2
