// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/connection.h"

#include <string.h>
#include <sys/epoll.h>

#include <utility>

namespace uid2 {
namespace {

using Wait = ByteStream::Wait;

// Requests contain their target's credential.
void Wipe(std::string& request) {
  // A tenth of the instructions of OPENSSL_cleanse().
  explicit_bzero(request.data(), request.size());
  request.clear();
}

}  // namespace

Connection::~Connection() {
  absl::MutexLock lock(&mutex_);
  Count(Gauge());
  Wipe(unsent_);
  Unwatch();
}

void Connection::Open(const ConnectionMetrics& metrics, Opener& opener) {
  opener_ = &opener;
  absl::Status watched;
  {
    absl::MutexLock lock(&mutex_);
    metrics_ = metrics;
    watched = Watch(/*writable=*/false);
  }
  if (!watched.ok()) return opener.OnNotOpen(*this, watched);
  ContinueHandshake();
}

void Connection::ContinueHandshake() {
  absl::Status status;
  {
    absl::MutexLock lock(&mutex_);
    const absl::StatusOr<Wait> wait = stream_->Handshake();
    status = wait.ok() ? Watch(*wait == Wait::kWrite) : wait.status();
    if (status.ok() && *wait != Wait::kNone) return;
    if (status.ok()) Count(metrics_.idle);
  }
  Opener& opener = *std::exchange(opener_, nullptr);
  if (!status.ok()) return opener.OnNotOpen(*this, status);
  opener.OnOpen(*this);
}

void Connection::Send(Exchange& exchange) {
  // Its memory is kept. Few threads post requests.
  thread_local std::string request;
  absl::MutexLock lock(&mutex_);
  exchange.FollowCancellation();
  // The loop then finds that this connection does not carry the exchange, and uses another.
  if (broken_) return exchange.PostStart();
  exchange_ = &exchange;
  Count(metrics_.active);
  const HttpTargetMetrics& metrics = exchange.metrics();
  metrics.requests_sent.Increment();
  if (exchange.resent()) metrics.requests_resent.Increment();
  exchange.route()->head.Write(exchange.request().body, request);
  const absl::StatusOr<ByteStream::Progress> progress = stream_->Send(request);
  send_failure_ = progress.status();
  const size_t sent = progress.ok() ? progress->bytes : 0;
  if (sent < request.size()) {
    unsent_.assign(request, sent);
    exchange.PostStart();
  }
  Wipe(request);
}

void Connection::Continue() {
  if (opener_ != nullptr) return ContinueHandshake();
  Exchange* exchange = nullptr;
  Received received = absl::nullopt;
  bool begun = false;
  bool reusable = false;
  {
    absl::MutexLock lock(&mutex_);
    exchange = exchange_;
    if (exchange != nullptr) {
      received = Receive();
      if (received.ok() && !received->has_value()) return;
      begun = reader_.begun();
      reusable = received.ok() && reusable_;
      exchange_ = nullptr;
    } else if (ReceiveNothing().ok()) {
      return;
    }
    if (reusable) {
      Count(metrics_.idle);
    } else {
      broken_ = true;
      // Otherwise the same event would come again for as long as another thread has the connection.
      Unwatch();
    }
  }
  if (exchange == nullptr) return shared_.owner.OnEnd(*this);
  if (!received.ok()) return shared_.owner.OnFailure(*this, *exchange, received.status(), begun);
  shared_.owner.OnReply(*this, *exchange, **std::move(received), reusable);
}

Connection::Received Connection::Receive() {
  absl::StatusOr<Wait> sending = Wait::kNone;
  if (!unsent_.empty()) sending = Flush();
  if (!sending.ok()) return sending.status();
  for (;;) {
    const absl::StatusOr<ByteStream::Progress> progress = stream_->Receive(shared_.buffer);
    if (!progress.ok()) return progress.status();
    if (progress->end) {
      reusable_ = false;
      absl::StatusOr<HttpReply> reply = reader_.End();
      if (!reply.ok()) return reply.status();
      return *std::move(reply);
    }
    const bool writable = *sending == Wait::kWrite || progress->wait == Wait::kWrite;
    Received reply = reader_.Read({shared_.buffer.data(), progress->bytes});
    if (reply.ok() && reply->has_value()) {
      // New keys or session tickets may follow a reply, but no byte of another one.
      reusable_ =
          reader_.keep_alive() && unsent_.empty() &&
          (progress->wait == Wait::kRead ? Watch(/*writable=*/false) : ReceiveNothing()).ok();
      return reply;
    }
    if (!reply.ok()) return reply;
    if (progress->wait == Wait::kNone) continue;
    if (absl::Status status = Watch(writable); !status.ok()) return status;
    return absl::nullopt;
  }
}

absl::Status Connection::ReceiveNothing() {
  for (;;) {
    const absl::StatusOr<ByteStream::Progress> progress = stream_->Receive(shared_.buffer);
    if (!progress.ok()) return progress.status();
    if (progress->end || progress->bytes != 0) return absl::UnavailableError("not idle any more");
    if (progress->wait != Wait::kNone) return Watch(progress->wait == Wait::kWrite);
  }
}

absl::StatusOr<Wait> Connection::Flush() {
  if (!send_failure_.ok()) return send_failure_;
  const absl::StatusOr<ByteStream::Progress> progress = stream_->Send(unsent_);
  if (!progress.ok()) return progress.status();
  std::string rest = unsent_.substr(progress->bytes);
  Wipe(unsent_);
  unsent_.swap(rest);
  return progress->wait;
}

bool Connection::Carries(const Exchange& exchange) {
  absl::MutexLock lock(&mutex_);
  return exchange_ == &exchange;
}

absl::Status Connection::Watch(bool writable) {
  const uint32_t events = EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0U);
  if (events == watched_) return absl::OkStatus();
  const bool known = watched_ != 0;
  watched_ = events;
  return known ? shared_.loop.Rewatch(stream_->fd(), events)
               : shared_.loop.Watch(stream_->fd(), events, *this);
}

void Connection::Unwatch() {
  if (watched_ == 0) return;
  watched_ = 0;
  shared_.loop.Unwatch(stream_->fd());
}

void Connection::Count(const Gauge& gauge) {
  counted_.Decrement();
  gauge.Increment();
  counted_ = gauge;
}

}  // namespace uid2
