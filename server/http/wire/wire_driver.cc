// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/wire_driver.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/time.h"
#include "server/http/attempt.h"
#include "server/http/connection_failure.h"
#include "server/http/wire/opening.h"

namespace uid2 {
namespace {

using TimePoint = CallContext::TimePoint;

// For how long requests use an address without asking the resolver whether another look-up is due.
constexpr absl::Duration kMaxChoiceAge = absl::Seconds(1);

// A pause that avoids one pass over all exchanges for each of many that are near their limits.
constexpr auto kLimitPause = std::chrono::milliseconds(1);

TimePoint Now() { return std::chrono::steady_clock::now(); }

HttpFailure ShuttingDown() { return {absl::CancelledError("the HTTP client ends")}; }

HttpFailure CallerGone() { return {absl::CancelledError("the caller has gone")}; }

// HttpFailure::peer.
std::string PeerOf(const Exchange& exchange) {
  if (exchange.connection() != nullptr) return exchange.connection()->peer().text;
  if (exchange.opening() != nullptr) return exchange.opening()->peer();
  const std::vector<std::string>& tried = exchange.attempt().tried();
  return tried.empty() ? "" : tried.back();
}

}  // namespace

WireDriver::WireDriver(const HttpClientOptions& options,
                       std::shared_ptr<const TrustStore> trust_store, EventLoop& loop,
                       HostResolver& resolver, const HttpMetrics& metrics)
    : options_(options),
      metrics_(metrics),
      resolver_(resolver),
      limit_(loop, [this](TimePoint now) { GiveUpOverdue(now); }),
      state_(options_, loop, *this),
      connections_(options_, std::move(trust_store), loop, *this, state_),
      openings_(options_, loop, connections_, *this) {
  resolver.set_listener([this](const std::shared_ptr<HostResolver::Host>& host,
                               const absl::Status& status,
                               TimePoint now) { LaunchWaiting(host.get(), status, now); });
}

void WireDriver::Start(Exchange& exchange) {
  Connection* const connection = exchange.connection();
  if (exchange.phase() == Exchange::Phase::kAwaitsReply && !connection->Carries(exchange)) {
    // It had already broken when the thread that posts took it.
    exchange.set_phase(Exchange::Phase::kPosted);
    exchange.set_connection(nullptr);
    connections_.Close(*connection);
  }
  if (exchange.phase() != Exchange::Phase::kPosted) {
    // It could not be sent at once. By now, its connection may have broken, and another is opened.
    if (connection != nullptr) connection->Continue();
    return;
  }
  if (shut_down_) return Fail(exchange, ShuttingDown());
  // If Cancel() was called before this, it had no effect.
  if (exchange.context().cancelled()) return Fail(exchange, CallerGone());
  const TimePoint now = Now();
  const absl::StatusOr<Route*> route = state_.RouteOf(exchange.request().target, resolver_, now);
  if (!route.ok()) return Fail(exchange, {.status = route.status()});
  exchange.set_route(*route);
  const absl::Status status = exchange.attempt().Begin(exchange.context(), now);
  if (!status.ok()) return Fail(exchange, {.status = status});
  Launch(exchange, now);
}

void WireDriver::Launch(Exchange& exchange, TimePoint now) {
  Origin& origin = *exchange.route()->origin;
  const HostAddresses::Id avoid = exchange.context().failed_peer();
  const Origin::Choice choice = origin.Choose(now, avoid);
  exchange.set_phase(Exchange::Phase::kConnects);
  if (choice.picked == 0) {
    exchange.set_phase(Exchange::Phase::kAwaitsAddress);
    waiting_.push_back(&exchange);
    metrics_.requests_without_address.Increment();
  } else {
    if (avoid == 0) Publish(origin, choice, now);
    exchange.attempt().Launch(now, choice.has_alternative,
                              exchange.route()->timeouts.Usual(choice.has_alternative));
    Connection* connection = nullptr;
    // The connections that are idle may be as dead as the one that has just broken.
    if (!exchange.resent()) connection = state_.Take(origin, choice.departing, now);
    if (!exchange.resent() && connection == nullptr) {
      connection = state_.Take(origin, choice.picked, now);
    }
    if (connection != nullptr) return Send(*connection, exchange, now);
    exchange.set_picked(choice.picked);
    openings_.Add(exchange, now);
  }
  state_.SetLimit(exchange, exchange.Limit(exchange.context()));
  FollowLimits();
}

void WireDriver::LaunchWaiting(const HostResolver::Host* host, const absl::Status& status,
                               TimePoint now) {
  // Done first, so that the exchanges launched below have time left.
  GiveUpOverdue(now);
  std::vector<Exchange*> found;
  std::erase_if(waiting_, [&](Exchange* exchange) {
    if (exchange->route()->origin->target_host().host().get() != host) return false;
    found.push_back(exchange);
    return true;
  });
  for (Exchange* const exchange : found) {
    metrics_.requests_without_address.Decrement();
    exchange->set_phase(Exchange::Phase::kConnects);
    if (status.ok()) {
      Launch(*exchange, now);
    } else {
      Fail(*exchange, {.status = status});
    }
  }
}

void WireDriver::Publish(Origin& origin, const Origin::Choice& choice, TimePoint now) {
  const absl::Duration age = std::min(options_.address_age, kMaxChoiceAge);
  state_.Publish(origin, choice, now + absl::ToChronoNanoseconds(age));
}

void WireDriver::OnOpen(Connection& connection, Exchange* exchange) {
  const TimePoint now = Now();
  if (exchange != nullptr) return Send(connection, *exchange, now);
  const absl::optional<IdleConnections::Idle> idle = Reuse(connection, now);
  if (!idle.has_value()) return;
  if (Connection* const surplus = state_.Add(*idle); surplus != nullptr) {
    connections_.Close(*surplus);
  }
}

void WireDriver::Send(Connection& connection, Exchange& exchange, TimePoint now) {
  exchange.set_connection(&connection);
  exchange.attempt().OnSend(now, exchange.route()->timeouts);
  exchange.set_phase(Exchange::Phase::kAwaitsReply);
  state_.SetLimit(exchange, exchange.Limit(exchange.context()));
  FollowLimits();
  connection.Send(exchange);
}

absl::optional<IdleConnections::Idle> WireDriver::Reuse(Connection& connection, TimePoint now) {
  const IdleConnections::Idle idle = {&connection, connection.peer().address,
                                      connections_.UsableUntil(connection, now), now};
  if (shut_down_ || idle.usable_until <= now) {
    connections_.Close(connection);
    return absl::nullopt;
  }
  Exchange* const waiting = openings_.TakeFor(connection);
  if (waiting == nullptr) return idle;
  Send(connection, *waiting, now);
  return absl::nullopt;
}

void WireDriver::OnReply(Connection& connection, Exchange& exchange, HttpReply reply,
                         bool reusable) {
  const TimePoint now = Now();
  Route& route = *exchange.route();
  reply.peer = connection.peer().text;
  exchange.attempt().Replied(reply, now, exchange.context(), route.origin->target_host(),
                             route.timeouts);
  // Its status may say that the address fails.
  if (exchange.context().failed_peer() != 0) state_.Publish(*route.origin, {}, now);
  // The connection can carry another exchange before the callback runs.
  absl::optional<IdleConnections::Idle> idle;
  if (reusable) {
    idle = Reuse(connection, now);
  } else {
    connections_.Close(connection);
  }
  Finish(exchange, idle.has_value() ? &*idle : nullptr, std::move(reply));
}

void WireDriver::OnFailure(Connection& connection, Exchange& exchange, const absl::Status& status,
                           bool begun) {
  const bool again = exchange.attempt().reused() && !begun && !exchange.resent();
  HttpFailure failure = ToHttpFailure(status);
  failure.peer = connection.peer().text;
  exchange.set_connection(nullptr);
  connections_.Close(connection);
  if (!again) return Fail(exchange, std::move(failure));
  exchange.set_resent(true);
  const TimePoint now = Now();
  exchange.attempt().OnReconnect(now);
  Launch(exchange, now);
}

void WireDriver::OnEnd(Connection& connection) {
  // If it is not idle, a thread has taken it, and will post its exchange to Start().
  if (state_.Remove(connection)) connections_.Close(connection);
}

void WireDriver::Cancel(Exchange& exchange) {
  // Start() checks for cancellation.
  if (!BelongsToLoop(exchange)) return;
  GiveUp(exchange, CallerGone());
}

bool WireDriver::BelongsToLoop(const Exchange& exchange) {
  if (exchange.phase() == Exchange::Phase::kPosted) return false;
  return exchange.phase() != Exchange::Phase::kAwaitsReply ||
         exchange.connection()->Carries(exchange);
}

void WireDriver::GiveUpOverdue(TimePoint now) {
  for (Exchange* const exchange : state_.Due(now)) {
    // A thread is about to send it.
    if (!BelongsToLoop(*exchange)) {
      state_.SetLimit(*exchange, now + kLimitPause);
      continue;
    }
    const TimePoint limit = exchange->Limit(exchange->context());
    if (now < limit) {
      state_.SetLimit(*exchange, limit);
    } else {
      GiveUp(*exchange, Overdue(*exchange, now));
    }
  }
  limit_.Set(std::max(state_.next_limit(), now + kLimitPause));
}

HttpFailure WireDriver::Overdue(const Exchange& exchange, TimePoint now) {
  const Attempt& attempt = exchange.attempt();
  if (now < attempt.time_limit() && now >= attempt.connect_limit()) {
    if (exchange.phase() == Exchange::Phase::kAwaitsAddress) return attempt.NotAddressed();
    if (exchange.phase() == Exchange::Phase::kConnects) {
      return attempt.NotConnected(/*tcp=*/exchange.opening()->connected());
    }
  }
  return Attempt::TimedOut();
}

void WireDriver::GiveUp(Exchange& exchange, HttpFailure why) {
  if (exchange.phase() == Exchange::Phase::kAwaitsAddress) {
    std::erase(waiting_, &exchange);
    metrics_.requests_without_address.Decrement();
  }
  why.peer = PeerOf(exchange);
  if (exchange.opening() != nullptr) openings_.Remove(exchange, Now());
  Connection* const connection = exchange.connection();
  if (connection != nullptr) {
    if (absl::IsDeadlineExceeded(why.status) && exchange.attempt().reused()) {
      connections_.CloseSilent(*connection, exchange.attempt().begun());
    }
    exchange.set_connection(nullptr);
    connections_.Close(*connection);
  }
  Fail(exchange, std::move(why));
}

void WireDriver::Fail(Exchange& exchange, HttpFailure failure) {
  if (failure.peer.empty()) failure.peer = PeerOf(exchange);
  if (Route* const route = exchange.route(); route != nullptr) {
    const TimePoint now = Now();
    failure = exchange.attempt().Failed(std::move(failure), now, exchange.context(),
                                        route->origin->target_host(), route->timeouts);
    // The next request asks which address to use.
    state_.Publish(*route->origin, {}, now);
  }
  Finish(exchange, nullptr, std::move(failure));
}

void WireDriver::Finish(Exchange& exchange, const IdleConnections::Idle* idle, HttpResult result) {
  exchange.metrics().requests_in_flight.Decrement();
  Route* const route = exchange.route();
  HttpClient::Callback done = exchange.End();
  Connection* const surplus = state_.End(exchange, route, idle);
  if (surplus != nullptr) connections_.Close(*surplus);
  std::move(done)(std::move(result));
}

void WireDriver::ShutDown() {
  shut_down_ = true;
  connections_.CloseIdle();
  for (Exchange* const exchange : state_.All()) {
    if (BelongsToLoop(*exchange)) GiveUp(*exchange, ShuttingDown());
  }
  openings_.Clear();
}

}  // namespace uid2
