// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/openings.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/time.h"
#include "server/http/connection_failure.h"
#include "server/http/peer_socket.h"

namespace uid2 {
namespace {

// Longer than the system tries.
constexpr absl::Duration kLongestOpening = absl::Minutes(10);

// How much of the connect timeout passes before others do not wait for an opening any more.
constexpr int kShareOfTimeout = 4;

}  // namespace

Openings::Openings(const HttpClientOptions& options, EventLoop& loop, ConnectionPool& pool,
                   Owner& owner)
    : options_(options),
      timeout_(absl::ToChronoNanoseconds(std::min(options.connect_timeout, kLongestOpening))),
      patience_(timeout_ / kShareOfTimeout),
      pool_(pool),
      owner_(owner),
      begin_(loop, [this](TimePoint now) { BeginNext(now); }),
      old_(loop, [this](TimePoint now) { AbandonOld(now); }),
      stalled_(loop, [this](TimePoint now) { GiveUpStalled(now); }),
      dialer_(loop, UserTimeout(options.connect_timeout, options.request_timeout)) {}

void Openings::Add(Exchange& exchange, TimePoint now) {
  if (Adopt(exchange, now)) return;
  Opening::Owner& owner = *this;
  openings_.push_back(std::make_unique<Opening>(
      exchange, exchange.route()->origin->AddressesToDial(now, exchange.context().failed_peer()),
      pool_, owner));
  ++unbegun_;
  begin_.Set(EventLoop::Alarm::kAtOnce);
}

void Openings::Remove(Exchange& exchange, TimePoint now) {
  Opening& opening = *exchange.opening();
  opening.Report();
  GiveUp(opening, now);
  Leave(Find(opening), now);
}

Exchange* Openings::TakeFor(const Connection& connection) {
  // Those of an origin that does not answer may be thousands, and this runs for each reply.
  if (!connection.origin().awaited()) return nullptr;
  const auto found = std::find_if(openings_.rbegin(), openings_.rend(), [&](const auto& opening) {
    const Exchange* const exchange = opening->exchange();
    return exchange != nullptr && opening->origin().get() == &connection.origin() &&
           exchange->picked() == connection.peer().address && !exchange->resent();
  });
  if (found == openings_.rend()) return nullptr;
  Exchange* const exchange = (*found)->exchange();
  Leave(std::next(found).base(), std::chrono::steady_clock::now());
  return exchange;
}

void Openings::Clear() {
  const TimePoint now = std::chrono::steady_clock::now();
  for (const auto& opening : openings_) Release(*opening, now);
  openings_.clear();
  spare_ = 0;
  unbegun_ = 0;
}

void Openings::OnOpen(Opening& opening, Connection& connection) {
  Exchange* const exchange = opening.exchange();
  // How long the exchange has waited says nothing about how long it takes to open a connection.
  if (!opening.adopted()) opening.Report();
  const TimePoint now = std::chrono::steady_clock::now();
  Release(opening, now, /*opened=*/true);
  GiveUpOvertaken(opening, now);
  Forget(Find(opening));
  owner_.OnOpen(connection, exchange);
}

void Openings::OnNotOpen(Opening& opening, const absl::Status& status) {
  Exchange* const exchange = opening.exchange();
  opening.Report();
  HttpFailure failure = ToHttpFailure(status);
  failure.peer = opening.peer();
  Erase(Find(opening), std::chrono::steady_clock::now());
  if (exchange != nullptr) owner_.OnNotOpen(*exchange, std::move(failure));
}

void Openings::BeginNext(TimePoint now) {
  if (unbegun_ == 0) return;
  // There may be thousands that all have the same choice.
  const Opening* limited = nullptr;
  const auto next = std::find_if(openings_.rbegin(), openings_.rend(), [&](const auto& opening) {
    if (opening->begun() || (limited != nullptr && opening->PicksLike(*limited))) return false;
    opening->Repick(now);
    if (!LimitOf(*opening, now).reached()) return true;
    limited = opening.get();
    return false;
  });
  if (next == openings_.rend()) {
    // The end of another one continues this.
    stalled_.SetIfEarlier(now + patience_);
    return;
  }
  LimitOf(**next, now).Begin(now);
  (*next)->Begin(dialer_, now, now + timeout_);
  if (--unbegun_ > 0) begin_.Set(EventLoop::Alarm::kAtOnce);
}

OpeningLimit& Openings::LimitOf(const Opening& opening, TimePoint now) {
  return opening.origin()->LimitOf(opening.picked(), now);
}

void Openings::GiveUpOvertaken(const Opening& opened, TimePoint now) {
  const TimePoint earliest = std::min(opened.begun_at(), now - LimitOf(opened, now).patience());
  for (const auto& opening : openings_) {
    if (opening->begun() && !opening->stuck() && opening->begun_at() < earliest &&
        opening->picked() == opened.picked() && opening->origin() == opened.origin()) {
      GiveUp(*opening, now);
    }
  }
}

void Openings::GiveUpStalled(TimePoint now) {
  if (unbegun_ == 0) return;
  for (const auto& opening : openings_) {
    if (!opening->begun() || opening->stuck()) continue;
    const OpeningLimit& limit = LimitOf(*opening, now);
    if (!limit.reached()) continue;
    // While others wait, each end is followed by a begin.
    const TimePoint due = limit.last_begun() + patience_;
    if (due <= now) {
      GiveUp(*opening, now);
    } else {
      stalled_.SetIfEarlier(due);
    }
  }
}

void Openings::GiveUp(Opening& opening, TimePoint now) {
  Release(opening, now);
  opening.set_stuck();
}

void Openings::Release(const Opening& opening, TimePoint now, bool opened) {
  if (!opening.begun()) return;
  OpeningLimit& limit = LimitOf(opening, now);
  if (opening.stuck()) {
    if (opened) limit.OpenedLate(now - opening.begun_at());
    return;
  }
  if (opened) {
    limit.Opened(opening.begun_at(), now);
  } else {
    limit.End();
  }
  if (unbegun_ > 0) begin_.Set(EventLoop::Alarm::kAtOnce);
}

void Openings::AbandonOld(TimePoint now) {
  spare_ -= std::erase_if(openings_, [this, now](const auto& opening) {
    if (opening->exchange() != nullptr || now < opening->limit()) return false;
    Release(*opening, now);
    return true;
  });
  for (const auto& opening : openings_) {
    if (opening->exchange() == nullptr) old_.SetIfEarlier(opening->limit());
  }
}

bool Openings::Adopt(Exchange& exchange, TimePoint now) {
  // A request that is sent again gets a connection that nobody else has waited for.
  if (spare_ == 0 || exchange.resent()) return false;
  const auto found = std::find_if(openings_.begin(), openings_.end(), [&](const auto& opening) {
    return opening->AdoptableFor(*exchange.route()->origin, exchange.picked(), now - patience_);
  });
  if (found == openings_.end()) return false;
  (*found)->Adopt(exchange);
  --spare_;
  std::rotate(found, std::next(found), openings_.end());
  return true;
}

Openings::Iterator Openings::Find(const Opening& opening) {
  return std::find_if(openings_.begin(), openings_.end(),
                      [&](const auto& other) { return other.get() == &opening; });
}

void Openings::Erase(Iterator opening, TimePoint now) {
  Release(**opening, now);
  Forget(opening);
}

void Openings::Forget(Iterator opening) {
  if ((*opening)->exchange() == nullptr) --spare_;
  if (!(*opening)->begun()) --unbegun_;
  openings_.erase(opening);
}

void Openings::Leave(Iterator opening, TimePoint now) {
  // Together with the connections that are idle, no more than may be idle.
  const bool kept = (*opening)->begun() && now < (*opening)->limit() &&
                    spare_ + pool_.idle() < static_cast<size_t>(options_.max_idle_connections);
  if (!kept) return Erase(opening, now);
  (*opening)->Leave();
  ++spare_;
  old_.SetIfEarlier((*opening)->limit());
}

}  // namespace uid2
