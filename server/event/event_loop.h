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

// Waits on one thread for file descriptors, for tasks from other threads and for points in time,
// and runs what they are meant for. Nothing that it runs may block. On each pass: events of
// descriptors first, then tasks, then timers, then alarms.
//
// For one thread: the one in Run(), or the one that sets it up before that. What is thread-safe
// says so.
class EventLoop {
 public:
  using TimePoint = Timers::TimePoint;

  // Runs on the loop's thread. Embedded in what it is about, so that posting it allocates nothing.
  class Task : public Inbox::Item {
   public:
    // The task belongs to the loop until this begins, and may be posted again or destroyed in it.
    virtual void Run() = 0;

   protected:
    ~Task() = default;
  };

  // Other threads' way in, which may outlive the loop. Thread-safe.
  class TaskQueue {
   public:
    // A system call only if the loop sleeps. False: the loop has ended, and the task will not run.
    [[nodiscard]] bool Post(Task& task) const { return inbox_->Push(task); }

    // The same for what is too rare to embed a task for: it allocates one.
    bool Post(absl::AnyInvocable<void() &&> function) const;

   private:
    friend class EventLoop;

    explicit TaskQueue(std::shared_ptr<Inbox> inbox) : inbox_(std::move(inbox)) {}

    std::shared_ptr<Inbox> inbox_;
  };

  class EventHandler {
   public:
    // `events` are EPOLLIN and the like. May be left over from an earlier descriptor of this
    // number that was closed during the same pass.
    virtual void OnEvents(int fd, uint32_t events) = 0;

   protected:
    ~EventHandler() = default;
  };

  // One point in time that is moved often: setting it is a store. For the loop's thread only.
  class Alarm {
   public:
    using Action = std::function<void(TimePoint now)>;

    static constexpr TimePoint kAtOnce = TimePoint::min();
    static constexpr TimePoint kNever = TimePoint::max();

    // Alarms that are due on the same pass run in the order of their construction. `loop` must
    // outlive it.
    Alarm(EventLoop& loop, Action action);
    ~Alarm();

    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    // Runs the action once, on the first pass at `time` or later, in place of any earlier setting.
    void Set(TimePoint time) { time_ = time; }

    // As Set(), unless it is set to an earlier time.
    void SetIfEarlier(TimePoint time) {
      if (time < time_) time_ = time;
    }

   private:
    friend class EventLoop;

    EventLoop& loop_;
    const Action action_;
    TimePoint time_ = kNever;
  };

  // `timers` is told how many timers are waiting.
  static absl::StatusOr<std::unique_ptr<EventLoop>> New(Gauge timers = {});

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Thread-safe. Once the loop has ended, timers do not fire any more.
  TimerQueue& timers() { return timers_; }

  // Thread-safe.
  TaskQueue tasks() const { return TaskQueue(inbox_); }
  [[nodiscard]] bool Post(Task& task) { return inbox_->Push(task); }

  // Has `handler` told when `events` are ready on `fd`, which is not watched yet. kNotFound and
  // the like are the kernel's answers.
  absl::Status Watch(int fd, uint32_t events, EventHandler& handler);
  absl::Status Rewatch(int fd, uint32_t events) { return epoll_.Modify(fd, events); }
  // Before `fd` is closed, or after: closing removes it, too.
  void Unwatch(int fd);

  // Returns after Stop(), when every task that was posted has run. Once.
  void Run();

  // One pass, which waits until `until` at most for something to happen. In place of Run().
  void RunOnce(TimePoint until);

  // Thread-safe; once.
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
  // By descriptor, which are small numbers; null where nothing is watched.
  std::vector<EventHandler*> handlers_;
  // A handful.
  std::vector<Alarm*> alarms_;
  StopTask stop_{*this};
  bool stopping_ = false;
};

}  // namespace uid2

#endif  // SERVER_EVENT_EVENT_LOOP_H_
