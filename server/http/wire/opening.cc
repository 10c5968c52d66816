// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/opening.h"

#include <chrono>

#include "absl/status/statusor.h"
#include "server/http/connection_failure.h"

namespace uid2 {

Opening::Opening(Exchange& exchange, std::vector<std::string> addresses, ConnectionPool& pool,
                 Owner& owner)
    : origin_(exchange.route()->origin),
      metrics_(exchange.metrics()),
      picked_(exchange.picked()),
      addresses_(std::move(addresses)),
      pool_(pool),
      owner_(owner) {
  Await(exchange);
}

Opening::~Opening() {
  Leave();
  if (connection_ != nullptr) pool_.Close(*connection_);
}

void Opening::Await(Exchange& exchange) {
  exchange_ = &exchange;
  exchange.set_opening(this);
  origin_->BeginWait();
}

void Opening::Leave() {
  if (exchange_ == nullptr) return;
  origin_->EndWait();
  exchange_->set_opening(nullptr);
  exchange_ = nullptr;
}

bool Opening::AdoptableFor(const Origin& origin, HostAddresses::Id address,
                           TimePoint earliest) const {
  return exchange_ == nullptr && !stuck_ && begun_at_ >= earliest && origin_.get() == &origin &&
         picked_ == address;
}

void Opening::Adopt(Exchange& exchange) {
  adopted_ = true;
  Await(exchange);
}

std::string Opening::peer() const {
  if (connection_ != nullptr) return connection_->peer().text;
  return dial_ == nullptr || dial_->tries().empty() ? "" : dial_->tries().back().peer;
}

void Opening::Report() {
  if (exchange_ == nullptr || dial_ == nullptr) return;
  for (const Dialer::Try& tried : dial_->tries()) exchange_->attempt().OnTry(tried.peer);
}

void Opening::Repick(TimePoint now) {
  const HostAddresses::Id avoid = exchange_->context().failed_peer();
  const HostAddresses::Id picked = origin_->PickAgain(now, avoid);
  if (picked == picked_) return;
  picked_ = picked;
  addresses_ = origin_->AddressesToDial(now, avoid);
  exchange_->set_picked(picked);
}

bool Opening::PicksLike(const Opening& other) const {
  return picked_ == other.picked_ && origin_ == other.origin_ &&
         exchange_->context().failed_peer() == other.exchange_->context().failed_peer();
}

void Opening::Begin(Dialer& dialer, TimePoint now, TimePoint limit) {
  begun_at_ = now;
  limit_ = limit;
  dial_ = dialer.Begin(addresses_, origin_->port(), metrics_.connections_opened, *this);
}

void Opening::OnConnected(Dialer::Dial& /*dial*/, FileDescriptor socket, const std::string& peer) {
  const absl::StatusOr<Connection*> made =
      pool_.Make(origin_, std::move(socket), peer, std::chrono::steady_clock::now());
  if (!made.ok()) return owner_.OnNotOpen(*this, made.status());
  connection_ = *made;
  // The next requests go to the picked address, perhaps as soon as it works again.
  if (connection_->peer().address != picked_) connection_->set_single_use();
  connection_->Open(metrics_.connections, *this);
}

void Opening::OnNotConnected(Dialer::Dial& /*dial*/, int error) {
  owner_.OnNotOpen(*this, CannotConnect(error));
}

void Opening::OnOpen(Connection& connection) {
  connection_ = nullptr;
  owner_.OnOpen(*this, connection);
}

void Opening::OnNotOpen(Connection& /*connection*/, const absl::Status& status) {
  owner_.OnNotOpen(*this, status);
}

}  // namespace uid2
