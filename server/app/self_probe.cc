// SPDX-License-Identifier: Apache-2.0

#include "server/app/self_probe.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace uid2 {
namespace {

using std::chrono::steady_clock;
using TimePoint = ListenerDial::TimePoint;

TimePoint After(TimePoint begin, absl::Duration time) {
  return begin + absl::ToChronoNanoseconds(time);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SelfProbe>> SelfProbe::Start(const SelfProbeOptions& options,
                                                            const std::string& address, bool tls,
                                                            const Reporting& reporting,
                                                            OnDead on_dead) {
  const absl::StatusOr<std::vector<ListenerAddress>> targets = ResolveListener(address);
  if (!targets.ok()) return targets.status();
  absl::StatusOr<ListenerDial> dial = ListenerDial::New(tls);
  if (!dial.ok()) return dial.status();
  FileDescriptor stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop.valid()) return absl::ErrnoToStatus(errno, "eventfd");
  auto probe = absl::WrapUnique(new SelfProbe(options, address, *std::move(dial), *targets,
                                              std::move(stop), reporting, std::move(on_dead)));
  absl::StatusOr<Thread> thread =
      Thread::Start("self_probe", [self = probe.get()] { self->Run(); });
  if (!thread.ok()) return thread.status();
  probe->thread_.emplace(*std::move(thread));
  return probe;
}

SelfProbe::SelfProbe(const SelfProbeOptions& options, std::string address, ListenerDial dial,
                     const std::vector<ListenerAddress>& targets, FileDescriptor stop,
                     const Reporting& reporting, OnDead on_dead)
    : options_(options),
      address_(std::move(address)),
      dial_(std::move(dial)),
      stop_(std::move(stop)),
      reporting_(reporting),
      on_dead_(std::move(on_dead)) {
  for (const ListenerAddress& target : targets) targets_.push_back({target});
}

SelfProbe::~SelfProbe() {
  // Fails only if the counter, which is 0, would overflow.
  (void)eventfd_write(stop_.get(), 1);
}

absl::optional<SelfProbe::Result> SelfProbe::last() const {
  const int64_t last = last_.load(std::memory_order_relaxed);
  if (last == 0) return absl::nullopt;
  return Result{TimePoint(std::chrono::nanoseconds(last / 2)), last % 2 != 0};
}

void SelfProbe::Record(bool answered) {
  const std::chrono::nanoseconds now = steady_clock::now().time_since_epoch();
  last_.store(2 * int64_t{now.count()} + (answered ? 1 : 0), std::memory_order_relaxed);
}

void SelfProbe::Count(bool answered) {
  const SelfProbeMetrics& metrics = reporting_.metrics;
  if (!answered) metrics.failures.Increment();
  metrics.success.Set(answered ? 1 : 0);
  metrics.last.Set(static_cast<double>(absl::ToUnixSeconds(reporting_.clock.Now())));
}

void SelfProbe::Run() {
  while (true) {
    const TimePoint begin = steady_clock::now();
    const absl::Status status = Probe(After(begin, options_.timeout));
    if (absl::IsCancelled(status)) return;
    Judge(status);
    if (options_.failures > 0 && failures_ >= options_.failures) {
      std::move(on_dead_)(absl::StrCat(
          "the server no longer accepts connections on ", address_, ": ", failures_,
          " self-probes in a row have failed, the last one because: ", status.message()));
      return;
    }
    if (Wait(After(begin, options_.interval))) return;
  }
}

bool SelfProbe::Wait(TimePoint until) const {
  pollfd stop = {stop_.get(), POLLIN, 0};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
    const int ready = poll(&stop, 1, static_cast<int>(std::max<int64_t>(left, 0)));
    if (ready == 1) return true;
    if (ready == 0) return false;
    // Signals are blocked on this thread, but a debugger interrupts it.
  }
}

absl::Status SelfProbe::Probe(TimePoint deadline) {
  std::vector<absl::Status> statuses;
  for (Target& target : targets_) {
    statuses.push_back(dial_.Dial(target.address, stop_.get(), deadline));
    if (absl::IsCancelled(statuses.back())) return statuses.back();
    if (statuses.back().ok()) target.has_answered = true;
  }
  // gRPC listens on a name if it could bind one of its addresses. The others never answer.
  const bool any = std::any_of(targets_.begin(), targets_.end(),
                               [](const Target& target) { return target.has_answered; });
  for (size_t i = 0; i < targets_.size(); ++i) {
    if (!statuses[i].ok() && (targets_[i].has_answered || !any)) return statuses[i];
  }
  return absl::OkStatus();
}

void SelfProbe::Judge(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) {
    // The thread is alive, and the result stays.
    if (const absl::optional<Result> before = last()) Record(before->answered);
    if (!std::exchange(skipping_, true)) {
      reporting_.events.Event(
          Severity::kWarning,
          absl::StrCat("the self-probe is skipped: ", status.message(),
                       "; if no file descriptors are left, new connections fail, too: "
                       "raise the limit on open files"));
    }
    return;
  }
  Record(status.ok());
  Count(status.ok());
  const bool skipped = std::exchange(skipping_, false);
  if (!status.ok()) {
    ++failures_;
    if (failures_ == 1) {
      reporting_.events.Event(Severity::kWarning, absl::StrCat("the self-probe of ", address_,
                                                               " has failed: ", status.message()));
    }
    return;
  }
  if (std::exchange(failures_, 0) > 0 || skipped) {
    reporting_.events.Event(Severity::kInfo,
                            absl::StrCat("the self-probe of ", address_, " succeeds again"));
  }
}

}  // namespace uid2
