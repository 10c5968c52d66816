// SPDX-License-Identifier: Apache-2.0

// Tells ThreadSanitizer about the locks of a packaged Abseil.
//
// Debian's Abseil, and gRPC on top of it, are not instrumented. Without help, ThreadSanitizer sees
// no ordering between two threads that share an absl::Mutex, and reports false races. The functions
// here interpose on Abseil's own (behind.h explains how), and declare the ordering they establish.
//
// Nothing here suppresses a report: planted_race_test proves that races are still found.

#include <sanitizer/tsan_interface.h>

#include <type_traits>

#include "absl/base/config.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/sanitizer/behind.h"

// The mangled name of a member of a class in Abseil's inline namespace.
#define ABSL_MEMBER(name) "_ZN4absl7debian3" name
#define ABSL_CONST_MEMBER(name) "_ZNK4absl7debian3" name

namespace {

using ::uid2::sanitizer::Behind;

// The mutex that this thread is acquiring, releasing, or waiting for. Abseil evaluates the
// conditions of waiters with that mutex held, in the thread that is about to release it.
thread_local absl::Mutex* evaluated_under = nullptr;

class Evaluating {
 public:
  explicit Evaluating(absl::Mutex* mutex) : outer_(evaluated_under) { evaluated_under = mutex; }
  ~Evaluating() { evaluated_under = outer_; }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  absl::Mutex* const outer_;
};

class AcquireAtEnd {
 public:
  explicit AcquireAtEnd(void* object) : object_(object) {}
  ~AcquireAtEnd() { __tsan_acquire(object_); }
  AcquireAtEnd(const AcquireAtEnd&) = delete;
  AcquireAtEnd& operator=(const AcquireAtEnd&) = delete;

 private:
  void* const object_;
};

// Acquires `mutex` by calling `behind`. Readers are treated like writers, so two threads that write
// under a reader lock are not detected; -Wthread-safety with --config=clang detects them.
template <typename Result, typename... Parameters>
Result Acquire(Result (*behind)(absl::Mutex*, Parameters...), absl::Mutex* mutex,
               std::type_identity_t<Parameters>... arguments) {
  const Evaluating evaluating(mutex);
  const AcquireAtEnd at_end(mutex);
  return behind(mutex, arguments...);
}

void Release(void (*behind)(absl::Mutex*), absl::Mutex* mutex) {
  const Evaluating evaluating(mutex);
  __tsan_release(mutex);
  behind(mutex);
}

// Acquires `mutex` once `condition` holds. Every thread that evaluates the condition reads the data
// that it points to.
template <typename Result, typename... Parameters>
Result AcquireWhen(Result (*behind)(absl::Mutex*, const absl::Condition&, Parameters...),
                   absl::Mutex* mutex, const absl::Condition& condition,
                   std::type_identity_t<Parameters>... arguments) {
  __tsan_release(const_cast<absl::Condition*>(&condition));
  return Acquire(behind, mutex, condition, arguments...);
}

// Releases `mutex` while waiting, and reacquires it before returning.
template <typename Result, typename... Parameters>
Result WaitOn(Result (*behind)(absl::CondVar*, absl::Mutex*, Parameters...),
              absl::CondVar* condition, absl::Mutex* mutex,
              std::type_identity_t<Parameters>... arguments) {
  const Evaluating evaluating(mutex);
  __tsan_release(mutex);
  const AcquireAtEnd at_end(mutex);
  return behind(condition, mutex, arguments...);
}

// Notification::HasBeenNotified is inline, so instrumented code loads a flag that the
// uninstrumented Notify stores. The flag follows the mutex. A thread that finds it set does not
// touch the mutex.
void* FlagOf(const absl::Notification* notification) {
  static_assert(sizeof(absl::Notification) == 2 * sizeof(absl::Mutex), "a mutex and a flag");
  return const_cast<char*>(reinterpret_cast<const char*>(notification)) + sizeof(absl::Mutex);
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static auto* const behind = Behind<void(Mutex*)>(ABSL_MEMBER("5Mutex4LockEv"));
  Acquire(behind, this);
}

void Mutex::ReaderLock() {
  static auto* const behind = Behind<void(Mutex*)>(ABSL_MEMBER("5Mutex10ReaderLockEv"));
  Acquire(behind, this);
}

void Mutex::Unlock() {
  static auto* const behind = Behind<void(Mutex*)>(ABSL_MEMBER("5Mutex6UnlockEv"));
  Release(behind, this);
}

void Mutex::ReaderUnlock() {
  static auto* const behind = Behind<void(Mutex*)>(ABSL_MEMBER("5Mutex12ReaderUnlockEv"));
  Release(behind, this);
}

bool Mutex::TryLock() {
  static auto* const behind = Behind<bool(Mutex*)>(ABSL_MEMBER("5Mutex7TryLockEv"));
  const bool acquired = behind(this);
  if (acquired) __tsan_acquire(this);
  return acquired;
}

bool Mutex::ReaderTryLock() {
  static auto* const behind = Behind<bool(Mutex*)>(ABSL_MEMBER("5Mutex13ReaderTryLockEv"));
  const bool acquired = behind(this);
  if (acquired) __tsan_acquire(this);
  return acquired;
}

void Mutex::LockWhen(const Condition& condition) {
  static auto* const behind =
      Behind<void(Mutex*, const Condition&)>(ABSL_MEMBER("5Mutex8LockWhenERKNS0_9ConditionE"));
  AcquireWhen(behind, this, condition);
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const behind = Behind<bool(Mutex*, const Condition&, Duration)>(
      ABSL_MEMBER("5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  return AcquireWhen(behind, this, condition, timeout);
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  static auto* const behind = Behind<bool(Mutex*, const Condition&, Time)>(
      ABSL_MEMBER("5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  return AcquireWhen(behind, this, condition, deadline);
}

void Mutex::ReaderLockWhen(const Condition& condition) {
  static auto* const behind = Behind<void(Mutex*, const Condition&)>(
      ABSL_MEMBER("5Mutex14ReaderLockWhenERKNS0_9ConditionE"));
  AcquireWhen(behind, this, condition);
}

bool Mutex::ReaderLockWhenWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const behind = Behind<bool(Mutex*, const Condition&, Duration)>(
      ABSL_MEMBER("5Mutex25ReaderLockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  return AcquireWhen(behind, this, condition, timeout);
}

bool Mutex::ReaderLockWhenWithDeadline(const Condition& condition, Time deadline) {
  static auto* const behind = Behind<bool(Mutex*, const Condition&, Time)>(
      ABSL_MEMBER("5Mutex26ReaderLockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  return AcquireWhen(behind, this, condition, deadline);
}

// Await evaluates its condition before it releases the mutex, so Eval releases earlier writes.
void Mutex::Await(const Condition& condition) {
  static auto* const behind =
      Behind<void(Mutex*, const Condition&)>(ABSL_MEMBER("5Mutex5AwaitERKNS0_9ConditionE"));
  Acquire(behind, this, condition);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const behind = Behind<bool(Mutex*, const Condition&, Duration)>(
      ABSL_MEMBER("5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  return Acquire(behind, this, condition, timeout);
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static auto* const behind = Behind<bool(Mutex*, const Condition&, Time)>(
      ABSL_MEMBER("5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  return Acquire(behind, this, condition, deadline);
}

bool Condition::Eval() const {
  static auto* const behind =
      Behind<bool(const Condition*)>(ABSL_CONST_MEMBER("9Condition4EvalEv"));
  __tsan_acquire(const_cast<Condition*>(this));
  if (evaluated_under == nullptr) return behind(this);
  __tsan_acquire(evaluated_under);
  const bool is_true = behind(this);
  __tsan_release(evaluated_under);
  return is_true;
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const behind =
      Behind<void(CondVar*, Mutex*)>(ABSL_MEMBER("7CondVar4WaitEPNS0_5MutexE"));
  WaitOn(behind, this, mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const behind = Behind<bool(CondVar*, Mutex*, Duration)>(
      ABSL_MEMBER("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE"));
  return WaitOn(behind, this, mutex, timeout);
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const behind = Behind<bool(CondVar*, Mutex*, Time)>(
      ABSL_MEMBER("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE"));
  return WaitOn(behind, this, mutex, deadline);
}

void Notification::Notify() {
  static auto* const behind = Behind<void(Notification*)>(ABSL_MEMBER("12Notification6NotifyEv"));
  __tsan_release(FlagOf(this));
  behind(this);
}

void Notification::WaitForNotification() const {
  static auto* const behind =
      Behind<void(const Notification*)>(ABSL_CONST_MEMBER("12Notification19WaitForNotificationEv"));
  const AcquireAtEnd at_end(FlagOf(this));
  behind(this);
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static auto* const behind = Behind<bool(const Notification*, Duration)>(
      ABSL_CONST_MEMBER("12Notification30WaitForNotificationWithTimeoutENS0_8DurationE"));
  const AcquireAtEnd at_end(FlagOf(this));
  return behind(this, timeout);
}

bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static auto* const behind = Behind<bool(const Notification*, Time)>(
      ABSL_CONST_MEMBER("12Notification31WaitForNotificationWithDeadlineENS0_4TimeE"));
  const AcquireAtEnd at_end(FlagOf(this));
  return behind(this, deadline);
}

// Decrements other than the last one only touch an integer. Wait acquires the counter's mutex,
// which is its first member.
bool BlockingCounter::DecrementCount() {
  static auto* const behind =
      Behind<bool(BlockingCounter*)>(ABSL_MEMBER("15BlockingCounter14DecrementCountEv"));
  __tsan_release(this);
  return behind(this);
}

ABSL_NAMESPACE_END
}  // namespace absl
