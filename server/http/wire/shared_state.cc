// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/shared_state.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/http/attempt.h"
#include "server/http/url.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/request_head.h"

namespace uid2 {
namespace {

// Whether `query`, which begins with a question mark, can stand in a request line.
bool IsQuery(absl::string_view query) {
  return std::all_of(query.begin(), query.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

// The message must not contain the URL.
absl::StatusOr<Url> UrlOf(const HttpTarget& target) {
  const absl::string_view text = target.url;
  const absl::string_view base = text.substr(0, text.find('?'));
  const absl::string_view query = text.substr(base.size());
  absl::StatusOr<Url> url = ParseUrl(base);
  if (!url.ok() || !IsQuery(query)) {
    return absl::InternalError("the URL is no http or https URL to which a request can be sent");
  }
  absl::StrAppend(&url->path, query);
  return url;
}

}  // namespace

SharedState::Begun SharedState::Begin(HttpRequest request, CallContext& context,
                                      HttpClient::Callback done, TimePoint now) {
  TimePoint limit = TimePoint::max();
  bool limit_is_earlier = false;
  Exchange* exchange = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    exchange = &UnusedExchange();
    const auto found = routes_.find(request.target.get());
    if (found != routes_.end() && context.failed_peer() == 0 && !context.cancelled() &&
        exchange->attempt().Begin(context, now).ok()) {
      Connection* const connection = TakeChosen(*found->second->origin, now);
      if (connection != nullptr) {
        limit = exchange->BeginOn(*connection, *found->second, context, now);
      }
    }
    in_flight_.Add(*exchange, limit);
    if (limit < next_limit_) {
      next_limit_ = limit;
      limit_is_earlier = true;
    }
  }
  exchange->Begin(std::move(request), context, std::move(done));
  exchange->metrics().requests_in_flight.Increment();
  return {*exchange, limit_is_earlier};
}

absl::StatusOr<Route*> SharedState::RouteOf(const std::shared_ptr<const HttpTarget>& target,
                                            HostResolver& resolver, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  if (now >= next_drop_) {
    DropUnused();
    next_drop_ = now + std::chrono::seconds(10);
  }
  const auto found = routes_.find(target.get());
  if (found != routes_.end()) return found->second.get();
  const absl::StatusOr<Url> url = UrlOf(*target);
  if (!url.ok()) return url.status();
  absl::StatusOr<RequestHead> head = RequestHead::New(*url, *target);
  if (!head.ok()) return head.status();
  std::unique_ptr<Route>& route = routes_[target.get()];
  route = std::make_unique<Route>(Route{target, *std::move(head), OriginOf(*url, resolver)});
  return route.get();
}

void SharedState::Publish(Origin& origin, const Origin::Choice& choice, TimePoint until) {
  absl::MutexLock lock(&mutex_);
  origin.pooled().choice = choice;
  origin.pooled().choice_until = until;
}

Connection* SharedState::Take(Origin& origin, HostAddresses::Id address, TimePoint now) {
  absl::MutexLock lock(&mutex_);
  return TakeTo(origin, address, now);
}

bool SharedState::Remove(const Connection& connection) {
  absl::MutexLock lock(&mutex_);
  const bool removed = connection.origin().pooled().idle.Remove(connection);
  if (removed) --idle_;
  return removed;
}

std::vector<Connection*> SharedState::RemoveIf(
    absl::FunctionRef<bool(const Origin&, const IdleConnections::Idle&)> condition) {
  std::vector<Connection*> removed;
  absl::MutexLock lock(&mutex_);
  for (const std::weak_ptr<Origin>& each : origins_) {
    const std::shared_ptr<Origin> origin = each.lock();
    if (origin == nullptr) continue;
    origin->pooled().idle.RemoveIf(
        [&](const IdleConnections::Idle& idle) { return condition(*origin, idle); }, removed);
  }
  idle_ -= removed.size();
  return removed;
}

SharedState::TimePoint SharedState::next_end() const {
  TimePoint next = TimePoint::max();
  absl::MutexLock lock(&mutex_);
  for (const std::weak_ptr<Origin>& each : origins_) {
    const std::shared_ptr<Origin> origin = each.lock();
    if (origin != nullptr) next = std::min(next, origin->pooled().idle.next_end());
  }
  return next;
}

size_t SharedState::idle() const {
  absl::MutexLock lock(&mutex_);
  return idle_;
}

void SharedState::SetLimit(const Exchange& exchange, TimePoint limit) {
  absl::MutexLock lock(&mutex_);
  in_flight_.SetLimit(exchange, limit);
  next_limit_ = std::min(next_limit_, limit);
}

std::vector<Exchange*> SharedState::Due(TimePoint now) {
  absl::MutexLock lock(&mutex_);
  next_limit_ = in_flight_.NextLimit(now);
  return in_flight_.Due(now);
}

std::vector<Exchange*> SharedState::All() const {
  absl::MutexLock lock(&mutex_);
  return in_flight_.All();
}

SharedState::TimePoint SharedState::next_limit() const {
  absl::MutexLock lock(&mutex_);
  return next_limit_;
}

Connection* SharedState::End(Exchange& exchange, Route* route, const IdleConnections::Idle* idle) {
  absl::MutexLock lock(&mutex_);
  in_flight_.Remove(exchange);
  if (exchange.unused()) unused_.push_back(&exchange);
  if (route != nullptr) {
    route->usual = route->timeouts.Usual(/*with_connection=*/false);
    route->usual_with_connection = route->timeouts.Usual(/*with_connection=*/true);
  }
  return idle == nullptr ? nullptr : AddIdle(*idle);
}

Connection* SharedState::Add(const IdleConnections::Idle& idle) {
  absl::MutexLock lock(&mutex_);
  return AddIdle(idle);
}

void SharedState::Recycle(Exchange& exchange) {
  absl::MutexLock lock(&mutex_);
  unused_.push_back(&exchange);
}

Exchange& SharedState::UnusedExchange() {
  if (unused_.empty()) {
    exchanges_.push_back(std::make_unique<Exchange>(options_, loop_, performer_));
    return *exchanges_.back();
  }
  Exchange& exchange = *unused_.back();
  unused_.pop_back();
  return exchange;
}

Connection* SharedState::TakeChosen(Origin& origin, TimePoint now) {
  if (now >= origin.pooled().choice_until) return nullptr;
  if (origin.pooled().choice.departing != 0) {
    Connection* const departing = TakeTo(origin, origin.pooled().choice.departing, now);
    if (departing != nullptr) return departing;
  }
  return TakeTo(origin, origin.pooled().choice.picked, now);
}

Connection* SharedState::TakeTo(Origin& origin, HostAddresses::Id address, TimePoint now) {
  Connection* const taken = origin.pooled().idle.Take(address, now);
  if (taken != nullptr) --idle_;
  return taken;
}

Connection* SharedState::AddIdle(const IdleConnections::Idle& idle) {
  idle.connection->origin().pooled().idle.Add(idle);
  ++idle_;
  return idle_ > static_cast<size_t>(options_.max_idle_connections) ? TakeOldest() : nullptr;
}

Connection* SharedState::TakeOldest() {
  std::shared_ptr<Origin> oldest;
  for (const std::weak_ptr<Origin>& each : origins_) {
    std::shared_ptr<Origin> origin = each.lock();
    if (origin == nullptr || origin->pooled().idle.empty()) continue;
    if (oldest == nullptr ||
        origin->pooled().idle.oldest().heard_at < oldest->pooled().idle.oldest().heard_at) {
      oldest = std::move(origin);
    }
  }
  Connection* const connection = oldest->pooled().idle.oldest().connection;
  (void)oldest->pooled().idle.Remove(*connection);
  --idle_;
  return connection;
}

void SharedState::DropUnused() {
  // An exchange in flight owns its target.
  absl::erase_if(routes_, [](const auto& route) { return route.second->target.use_count() == 1; });
}

std::shared_ptr<Origin> SharedState::OriginOf(const Url& url, HostResolver& resolver) {
  std::erase_if(origins_, [](const std::weak_ptr<Origin>& origin) { return origin.expired(); });
  for (const std::weak_ptr<Origin>& each : origins_) {
    std::shared_ptr<Origin> origin = each.lock();
    if (origin != nullptr && origin->IsFor(url)) return origin;
  }
  auto origin = std::make_shared<Origin>(url, resolver);
  origins_.push_back(origin);
  return origin;
}

}  // namespace uid2
