// SPDX-License-Identifier: Apache-2.0

#include "server/app/termination.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "server/app/process.h"

namespace uid2 {
namespace {

using std::chrono::steady_clock;

// By convention, the status of a process that a signal has ended.
constexpr int kEndedBySignal = 128;

// A lock-free one may be read in a signal handler.
std::atomic<int> status_of_hard_stop{0};
static_assert(std::atomic<int>::is_always_lock_free);

// Ends the process after `limit`, whatever its threads do.
void EndAfter(absl::Duration limit, int status) {
  status_of_hard_stop = status;
  (void)std::signal(SIGALRM, [](int /*signal*/) { _exit(status_of_hard_stop); });
  sigset_t alarm;
  (void)sigemptyset(&alarm);
  (void)sigaddset(&alarm, SIGALRM);
  // All other threads may be blocking it.
  (void)pthread_sigmask(SIG_UNBLOCK, &alarm, nullptr);
  const itimerval timer = {.it_interval = {}, .it_value = absl::ToTimeval(limit)};
  // It fails only for an invalid value.
  (void)setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Termination>> Termination::Start() {
  const sigset_t ending = EndingSignals();
  FileDescriptor signals(signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) return absl::ErrnoToStatus(errno, "signalfd");
  FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return absl::ErrnoToStatus(errno, "eventfd");
  auto termination = absl::WrapUnique(new Termination(std::move(signals), std::move(wake)));
  absl::StatusOr<Thread> thread =
      Thread::Start("termination", [self = termination.get()] { self->Run(); });
  if (!thread.ok()) return thread.status();
  termination->thread_.emplace(*std::move(thread));
  return termination;
}

Termination::Termination(FileDescriptor signals, FileDescriptor wake)
    : signals_(std::move(signals)), wake_(std::move(wake)) {}

Termination::~Termination() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  Wake();
}

void Termination::ExpectDrain(absl::Duration limit, HardStop hard_stop) {
  absl::MutexLock lock(&mutex_);
  limit_ = limit;
  hard_stop_ = std::move(hard_stop);
}

void Termination::BeginDrain(absl::Duration limit) {
  absl::MutexLock lock(&mutex_);
  if (draining_.HasBeenNotified()) return;
  ignores_signal_ = true;
  Begin(0, limit);
}

int Termination::AwaitDrain() {
  draining_.WaitForNotification();
  absl::MutexLock lock(&mutex_);
  return signal_;
}

void Termination::ShortenLimit(absl::Duration limit) {
  absl::MutexLock lock(&mutex_);
  const TimePoint end = steady_clock::now() + absl::ToChronoNanoseconds(limit - kReportTime);
  end_ = end_.has_value() ? std::min(*end_, end) : end;
  Wake();
}

void Termination::Begin(int signal, absl::Duration limit) {
  signal_ = signal;
  end_ = steady_clock::now() + absl::ToChronoNanoseconds(limit - kReportTime);
  draining_.Notify();
  Wake();
}

void Termination::Wake() const {
  // Fails only if the counter, which the thread reads, would overflow.
  (void)eventfd_write(wake_.get(), 1);
}

void Termination::Run() {
  while (true) {
    pollfd ready[] = {{signals_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    const int left = MillisLeft();
    if (left == 0) StopHard();
    // A debugger interrupts it; then nothing can be read.
    (void)poll(ready, 2, left);
    eventfd_t times;
    (void)eventfd_read(wake_.get(), &times);
    signalfd_siginfo info;
    if (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
      OnSignal(static_cast<int>(info.ssi_signo));
    }
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
  }
}

void Termination::OnSignal(int signal) {
  absl::MutexLock lock(&mutex_);
  if (hard_stop_.has_value() && !draining_.HasBeenNotified()) return Begin(signal, limit_);
  if (std::exchange(ignores_signal_, false)) return;
  _exit(kEndedBySignal + signal);
}

int Termination::MillisLeft() const {
  absl::MutexLock lock(&mutex_);
  if (!end_.has_value()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*end_ - steady_clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, absl::ToInt64Milliseconds(absl::Hours(1))));
}

void Termination::StopHard() {
  absl::ReleasableMutexLock lock(&mutex_);
  HardStop hard_stop = *std::move(hard_stop_);
  lock.Release();
  const int status = hard_stop.status();
  EndAfter(kReportTime, status);
  hard_stop.report();
  _exit(status);
}

}  // namespace uid2
