// SPDX-License-Identifier: Apache-2.0

#include "server/event/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>

#include "absl/memory/memory.h"
#include "absl/types/optional.h"

namespace uid2 {
namespace {

constexpr std::chrono::seconds kHeartbeat(1);

class FunctionTask final : public EventLoop::Task {
 public:
  explicit FunctionTask(absl::AnyInvocable<void() &&> function) : function_(std::move(function)) {}

  void Run() override {
    const std::unique_ptr<FunctionTask> self(this);
    std::move(function_)();
  }

  void Discard() override { const std::unique_ptr<FunctionTask> self(this); }

 private:
  absl::AnyInvocable<void() &&> function_;
};

// Calls `function`, which may destroy the task, with each task of a list.
template <typename Function>
void ForEachTask(Inbox::Item* item, Function function) {
  while (item != nullptr) {
    EventLoop::Task& task = *static_cast<EventLoop::Task*>(item);
    item = item->next;
    function(task);
  }
}

}  // namespace

bool EventLoop::TaskQueue::Post(absl::AnyInvocable<void() &&> function) const {
  auto task = std::make_unique<FunctionTask>(std::move(function));
  if (!Post(*task)) return false;
  // The loop owns the task now.
  (void)task.release();
  return true;
}

EventLoop::Alarm::Alarm(EventLoop& loop, Action action) : loop_(loop), action_(std::move(action)) {
  loop.alarms_.push_back(this);
}

EventLoop::Alarm::~Alarm() { std::erase(loop_.alarms_, this); }

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::New(Gauge timers) {
  absl::StatusOr<std::shared_ptr<Inbox>> inbox = Inbox::New();
  if (!inbox.ok()) return inbox.status();
  absl::StatusOr<Epoll> epoll = Epoll::New();
  if (!epoll.ok()) return epoll.status();
  const absl::Status status = epoll->Add((*inbox)->wake_fd(), EPOLLIN | EPOLLET);
  if (!status.ok()) return status;
  return absl::WrapUnique(new EventLoop(*std::move(inbox), *std::move(epoll), timers));
}

EventLoop::~EventLoop() {
  // Run() has closed the inbox already, but RunOnce() does not.
  while (!inbox_->Close()) {
    ForEachTask(inbox_->TakeAll(), [](Task& task) { task.Discard(); });
  }
}

absl::Status EventLoop::Watch(int fd, uint32_t events, EventHandler& handler) {
  const size_t index = static_cast<size_t>(fd);
  if (index >= handlers_.size()) handlers_.resize(index + 1);
  handlers_[index] = &handler;
  return epoll_.Add(fd, events);
}

void EventLoop::Unwatch(int fd) {
  handlers_[static_cast<size_t>(fd)] = nullptr;
  // Fails if `fd` is already closed, which has removed it.
  (void)epoll_.Remove(fd);
}

void EventLoop::MeasureStalls(Histogram stalls) {
  using std::chrono::steady_clock;
  heartbeat_ = std::make_unique<Alarm>(
      *this, [this, stalls, due = steady_clock::now() + kHeartbeat](TimePoint now) mutable {
        stalls.Observe(std::chrono::duration<double>(now - due).count());
        due = now + kHeartbeat;
        heartbeat_->Set(due);
      });
  heartbeat_->Set(steady_clock::now() + kHeartbeat);
}

void EventLoop::Run() {
  while (!stopping_) RunOnce(TimePoint::max());
  do {
    RunTasks();
  } while (!inbox_->Close());
}

void EventLoop::RunOnce(TimePoint until) {
  AwaitEvents(until);
  RunTasks();
  const TimePoint now = std::chrono::steady_clock::now();
  timers_.RunDue(now);
  RunAlarms(now);
}

void EventLoop::Stop() {
  // Fails only if the loop has ended.
  (void)Post(stop_);
}

void EventLoop::AwaitEvents(TimePoint until) {
  // If there are tasks to run, checks the descriptors without waiting.
  absl::optional<TimePoint> limit = TimePoint::min();
  if (inbox_->PrepareToSleep()) limit = timers_.SleepUntil(std::min(until, EarliestAlarm()));
  for (const epoll_event& event : epoll_.Wait(limit)) {
    const size_t index = static_cast<size_t>(event.data.fd);
    if (index >= handlers_.size() || handlers_[index] == nullptr) continue;
    handlers_[index]->OnEvents(event.data.fd, event.events);
  }
}

void EventLoop::RunTasks() {
  ForEachTask(inbox_->TakeAll(), [](Task& task) { task.Run(); });
}

void EventLoop::RunAlarms(TimePoint now) {
  for (size_t i = 0; i < alarms_.size(); ++i) {
    Alarm& alarm = *alarms_[i];
    if (alarm.time_ > now) continue;
    alarm.time_ = Alarm::kNever;
    alarm.action_(now);
  }
}

EventLoop::TimePoint EventLoop::EarliestAlarm() const {
  TimePoint earliest = Alarm::kNever;
  for (const Alarm* const alarm : alarms_) earliest = std::min(earliest, alarm->time_);
  return earliest;
}

}  // namespace uid2
