// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_CALL_CALL_CONTEXT_H_
#define SERVER_CALL_CALL_CONTEXT_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/call/call_arena.h"
#include "server/call/call_trace.h"
#include "server/call/trace_id.h"

namespace uid2 {

// A call's deadline and its cancellation. Created when the call arrives and passed by reference to
// every layer below, which may use it until the call's callback has run. Thread-safe, except for
// the trace and the arena.
class CallContext {
 public:
  // Unaffected by changes to the system's time.
  using TimePoint = std::chrono::steady_clock::time_point;

  // Selects the constructor of a call that several callers share, each with its own deadline.
  struct Shared {};

  // `deadline_is_callers` is true if the caller has set the deadline, and false if it is the
  // server's maximum.
  explicit CallContext(TimePoint deadline, bool deadline_is_callers = false)
      : CallContext(deadline, deadline_is_callers, /*shared=*/false) {}

  // `deadline` is that of the first caller; others may extend it.
  CallContext(TimePoint deadline, Shared /*shared*/)
      : CallContext(deadline, /*deadline_is_callers=*/false, /*shared=*/true) {}

  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  // An answer after this time is useless, so do not begin anything that would take longer.
  TimePoint deadline() const { return deadline_.load(std::memory_order_relaxed); }
  bool deadline_is_callers() const { return deadline_is_callers_; }

  // When a step in progress has to end: at LimitStep() or, if that is earlier, at the deadline. The
  // steps of a shared call do not end at its deadline, which may be extended; the call is cancelled
  // when the last caller leaves.
  TimePoint step_limit() const {
    const TimePoint limit = step_limit_.load(std::memory_order_relaxed);
    return shared_ ? limit : std::min(limit, deadline());
  }

  // Makes the next steps end at `limit`, so that another step can follow before the deadline.
  void LimitStep(TimePoint limit) { step_limit_.store(limit, std::memory_order_relaxed); }

  // Call this when another caller, which waits until `deadline`, joins a shared call.
  void Extend(TimePoint deadline);

  // The caller's trace, for the log. Set it before the first attempt.
  const TraceId& trace_id() const { return trace_id_; }
  void set_trace_id(const TraceId& trace_id) { trace_id_ = trace_id; }

  CallTrace& trace() { return trace_; }
  const CallTrace& trace() const { return trace_; }

  // Memory for what a layer keeps about the call. It must be destroyed before the call's callback
  // runs, which may destroy the context.
  CallArena& arena() { return arena_; }

  // For the transport, which avoids the peer at which the call's last attempt has failed: a number
  // of its choice, or 0.
  uint64_t failed_peer() const { return failed_peer_.load(std::memory_order_relaxed); }
  void set_failed_peer(uint64_t peer) { failed_peer_.store(peer, std::memory_order_relaxed); }

  bool cancelled() const { return stop_.stop_requested(); }

  // Call this when the caller has gone away. Runs every CancelCallback of this context before it
  // returns. Only the first call has an effect. A callback may destroy the context.
  void Cancel() { (void)std::stop_source(stop_).request_stop(); }

 private:
  friend class CancelCallback;

  CallContext(TimePoint deadline, bool deadline_is_callers, bool shared)
      : deadline_is_callers_(deadline_is_callers), shared_(shared), deadline_(deadline) {}

  const bool deadline_is_callers_;
  const bool shared_;
  std::atomic<TimePoint> deadline_;
  std::atomic<TimePoint> step_limit_ = TimePoint::max();
  std::atomic<uint64_t> failed_peer_ = 0;
  const std::stop_source stop_;
  TraceId trace_id_;
  CallTrace trace_;
  CallArena arena_;
};

// Runs a function if a call is cancelled while this object exists. A step of a call owns one in
// order to end early. It may outlive the context.
//
// The function runs at most once, on the thread that cancels the call, or inside the constructor if
// the call is already cancelled. The destructor waits while the function runs on another thread, so
// the destroying thread must not hold a lock that the function takes. The function may destroy this
// object, unless it runs inside the constructor.
class CancelCallback {
 public:
  CancelCallback(const CallContext& context, absl::AnyInvocable<void()> function)
      : callback_(context.stop_.get_token(), std::move(function)) {}

  CancelCallback(const CancelCallback&) = delete;
  CancelCallback& operator=(const CancelCallback&) = delete;

 private:
  std::stop_callback<absl::AnyInvocable<void()>> callback_;
};

}  // namespace uid2

#endif  // SERVER_CALL_CALL_CONTEXT_H_
