// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_EVENT_EVENT_LOOP_H_
#define SERVER_EVENT_EVENT_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/call/timers.h"
#include "server/event/epoll.h"
#include "server/event/inbox.h"
#include "server/event/timer_queue.h"
#include "server/telemetry/metric.h"

namespace uid2 {

// Waits on one thread for events of file descriptors, tasks from other threads, timers and alarms,
// and runs their handlers, which must not block. Each pass runs handlers of descriptors first, then
// tasks, then timers, then alarms.
//
// Use it on the thread in Run() only, or on the thread that sets it up before that. Thread-safe
// functions are marked.
class EventLoop {
 public:
  using TimePoint = Timers::TimePoint;

  // Runs on the loop's thread. Posting does not allocate, because the caller owns the task, usually
  // as a member of the object that the task works on.
  class Task : public Inbox::Item {
   public:
    // The loop uses the task until this begins. This may post the task again, or destroy it.
    virtual void Run() = 0;

    // Called instead if the loop is destroyed before it runs the task.
    virtual void Discard() {}

   protected:
    ~Task() = default;
  };

  // Posts tasks from other threads. May outlive the loop. Thread-safe.
  class TaskQueue {
   public:
    // Makes a system call only if the loop sleeps. Returns false if the loop has ended or was
    // destroyed; the task will not run.
    [[nodiscard]] bool Post(Task& task) const { return inbox_->Push(task); }

    // The same, but allocates a task. For functions that are posted rarely.
    bool Post(absl::AnyInvocable<void() &&> function) const;

   private:
    friend class EventLoop;

    explicit TaskQueue(std::shared_ptr<Inbox> inbox) : inbox_(std::move(inbox)) {}

    std::shared_ptr<Inbox> inbox_;
  };

  class EventHandler {
   public:
    // `events` are EPOLLIN and similar flags. They may be those of an earlier descriptor with the
    // same number that was closed during this pass.
    virtual void OnEvents(int fd, uint32_t events) = 0;

   protected:
    ~EventHandler() = default;
  };

  // A timer that is set often: setting it only stores the time. Use it on the loop's thread only.
  class Alarm {
   public:
    using Action = std::function<void(TimePoint now)>;

    static constexpr TimePoint kAtOnce = TimePoint::min();
    static constexpr TimePoint kNever = TimePoint::max();

    // Alarms that are due on the same pass run in the order of their construction. `loop` must
    // outlive the alarm.
    Alarm(EventLoop& loop, Action action);
    ~Alarm();

    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    // Runs the action once, on the first pass at `time` or later. Replaces any earlier setting.
    void Set(TimePoint time) { time_ = time; }

    // Like Set(), but has no effect if the alarm is set to an earlier time.
    void SetIfEarlier(TimePoint time) {
      if (time < time_) time_ = time;
    }

   private:
    friend class EventLoop;

    EventLoop& loop_;
    const Action action_;
    TimePoint time_ = kNever;
  };

  // `timers` counts the timers that have not fired.
  static absl::StatusOr<std::unique_ptr<EventLoop>> New(Gauge timers = {});

  ~EventLoop();

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Thread-safe. Once the loop has ended, timers do not fire any more.
  TimerQueue& timers() { return timers_; }

  // Thread-safe.
  TaskQueue tasks() const { return TaskQueue(inbox_); }
  [[nodiscard]] bool Post(Task& task) { return inbox_->Push(task); }

  // Calls `handler` when any of `events` occurs on `fd`, which must not be watched yet. Errors are
  // those of the kernel.
  absl::Status Watch(int fd, uint32_t events, EventHandler& handler);
  absl::Status Rewatch(int fd, uint32_t events) { return epoll_.Modify(fd, events); }
  // May be called before or after `fd` is closed.
  void Unwatch(int fd);

  // From now on, `stalls` gets once a second how many seconds late an alarm runs. Call this before
  // Run().
  void MeasureStalls(Histogram stalls);

  // Returns after Stop(), when every posted task has run. Call this at most once.
  void Run();

  // Runs one pass, which waits until `until` at most. An alternative to Run().
  void RunOnce(TimePoint until);

  // Thread-safe. Call this at most once.
  void Stop();

 private:
  class StopTask : public Task {
   public:
    explicit StopTask(EventLoop& loop) : loop_(loop) {}
    void Run() override { loop_.stopping_ = true; }

   private:
    EventLoop& loop_;
  };

  EventLoop(std::shared_ptr<Inbox> inbox, Epoll epoll, Gauge timers)
      : inbox_(std::move(inbox)), epoll_(std::move(epoll)), timers_(*inbox_, timers) {}

  void AwaitEvents(TimePoint until);
  void RunTasks();
  void RunAlarms(TimePoint now);
  TimePoint EarliestAlarm() const;

  const std::shared_ptr<Inbox> inbox_;
  Epoll epoll_;
  TimerQueue timers_;
  // Indexed by descriptor, which is a small number; null if the descriptor is not watched.
  std::vector<EventHandler*> handlers_;
  // There are only a few.
  std::vector<Alarm*> alarms_;
  std::unique_ptr<Alarm> heartbeat_;
  StopTask stop_{*this};
  bool stopping_ = false;
};

}  // namespace uid2

#endif  // SERVER_EVENT_EVENT_LOOP_H_
