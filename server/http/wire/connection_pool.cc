// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/connection_pool.h"

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/http/wire/plain_stream.h"
#include "server/http/wire/tls_stream.h"

namespace uid2 {
namespace {

// Larger than a reply, so that one is received at once.
constexpr size_t kBufferBytes = 65536;

// Even a busy connection is replaced after this time, so that we follow an operator that moves to
// other addresses.
constexpr auto kMaxConnectionAge = std::chrono::seconds(300);

}  // namespace

ConnectionPool::ConnectionPool(const HttpClientOptions& options,
                               std::shared_ptr<const TrustStore> trust_store, EventLoop& loop,
                               Connection::Owner& owner, SharedState& state)
    : options_(options),
      state_(state),
      trust_store_(std::move(trust_store)),
      old_(loop, [this](TimePoint now) { CloseOld(now); }),
      buffer_(kBufferBytes),
      shared_{loop, owner, absl::MakeSpan(buffer_), options.max_reply_bytes} {}

absl::StatusOr<Connection*> ConnectionPool::Make(std::shared_ptr<Origin> origin,
                                                 FileDescriptor socket, const std::string& peer,
                                                 TimePoint now) {
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = StreamTo(*origin, std::move(socket));
  if (!stream.ok()) return stream.status();
  std::shared_ptr<const WirePeer> end = origin->PeerNamed(peer);
  auto connection = std::make_unique<Connection>(shared_, *std::move(stream), std::move(origin),
                                                 std::move(end), trust_store_->id(), now);
  connection->set_position(connections_.size());
  connections_.push_back(std::move(connection));
  return connections_.back().get();
}

absl::StatusOr<std::unique_ptr<ByteStream>> ConnectionPool::StreamTo(const Origin& origin,
                                                                     FileDescriptor socket) {
  if (!origin.tls()) return std::make_unique<PlainStream>(std::move(socket));
  if (tls_context_ == nullptr) {
    absl::StatusOr<std::shared_ptr<TlsContext>> context = TlsContext::New(*trust_store_);
    if (!context.ok()) return context.status();
    tls_context_ = *std::move(context);
  }
  return TlsStream::New(std::move(socket), tls_context_, origin.host(), origin.port());
}

ConnectionPool::TimePoint ConnectionPool::UsableUntil(const Connection& connection, TimePoint now) {
  if (connection.single_use() || connection.trust_store_id() != trust_store_->id()) return now;
  const auto idle = absl::ToChronoNanoseconds(
      std::min(options_.idle_timeout, absl::FromChrono(kMaxConnectionAge)));
  const TimePoint until = std::min(connection.opened() + kMaxConnectionAge, now + idle);
  if (now < until) old_.SetIfEarlier(until);
  return until;
}

void ConnectionPool::ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) {
  if (trust_store == trust_store_) return;
  trust_store_ = std::move(trust_store);
  tls_context_.reset();
  CloseIdle();
}

void ConnectionPool::Close(Connection& connection) {
  const size_t position = connection.position();
  std::swap(connections_[position], connections_.back());
  connections_[position]->set_position(position);
  connections_.pop_back();
}

void ConnectionPool::CloseSilent(const Connection& connection, TimePoint since) {
  CloseIf([&](const Origin& origin, const Idle& idle) {
    return idle.address == connection.peer().address &&
           origin.port() == connection.origin().port() && idle.heard_at < since;
  });
}

void ConnectionPool::CloseIdle() {
  CloseIf([](const Origin&, const Idle&) { return true; });
}

void ConnectionPool::CloseOld(TimePoint now) {
  CloseIf([&](const Origin&, const Idle& idle) { return idle.usable_until <= now; });
  old_.Set(state_.next_end());
}

void ConnectionPool::CloseIf(absl::FunctionRef<bool(const Origin&, const Idle&)> condition) {
  for (Connection* const connection : state_.RemoveIf(condition)) Close(*connection);
}

}  // namespace uid2
