// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/exchange.h"

#include <algorithm>

namespace uid2 {

void Exchange::Begin(HttpRequest request, CallContext& context, HttpClient::Callback done) {
  request_ = std::move(request);
  context_ = &context;
  done_ = std::move(done);
}

Exchange::TimePoint Exchange::BeginOn(Connection& connection, Route& route,
                                      const CallContext& context, TimePoint now) {
  route_ = &route;
  connection_ = &connection;
  phase_ = Phase::kAwaitsReply;
  const bool has_alternative = route.origin->pooled().choice.has_alternative;
  attempt_.Launch(now, has_alternative,
                  has_alternative ? route.usual_with_connection : route.usual);
  attempt_.OnSend(now, route.timeouts);
  return Limit(context);
}

Exchange::TimePoint Exchange::Limit(const CallContext& context) const {
  TimePoint limit = attempt_.time_limit();
  if (phase_ != Phase::kAwaitsReply) limit = std::min(limit, attempt_.connect_limit());
  if (attempt_.in_doubt()) limit = std::min(limit, attempt_.patience_limit(context));
  return limit;
}

void Exchange::FollowCancellation() {
  if (on_cancel_.has_value()) return;
  // The callback may run inside the constructor.
  on_cancel_.emplace(*context_, [this] { PostTask(cancel_); });
}

void Exchange::PostStart() { PostTask(start_); }

HttpClient::Callback Exchange::End() {
  // Waits for a cancellation that is in progress on another thread. After that, no task is posted.
  on_cancel_.reset();
  // Otherwise the next call might fail with a peer of this one.
  attempt_.Clear();
  request_ = {};
  context_ = nullptr;
  route_ = nullptr;
  connection_ = nullptr;
  phase_ = Phase::kPosted;
  resent_ = false;
  return std::move(done_);
}

void Exchange::PostTask(Signal& task) {
  tasks_.fetch_add(1, std::memory_order_relaxed);
  // The loop ends only when all exchanges have.
  if (!loop_.Post(task)) tasks_.fetch_sub(1, std::memory_order_relaxed);
}

void Exchange::RunTask(void (Performer::*action)(Exchange&)) {
  const bool last = tasks_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  if (context_ != nullptr) return (performer_.*action)(*this);
  if (last) performer_.OnUnused(*this);
}

}  // namespace uid2
