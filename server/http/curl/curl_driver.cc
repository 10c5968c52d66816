// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_driver.h"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "absl/memory/memory.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "server/http/curl/curl_error.h"
#include "server/http/http_client.h"

namespace uid2 {
namespace {

// How late a transfer must be before it is given up without libcurl.
constexpr std::chrono::milliseconds kOverdue(10);

CurlTransfer::TimePoint Now() { return std::chrono::steady_clock::now(); }

HttpFailure ShuttingDown() { return {absl::CancelledError("the HTTP client ends")}; }

HttpFailure CallerGone() { return {absl::CancelledError("the caller has gone")}; }

}  // namespace

absl::StatusOr<std::unique_ptr<CurlDriver>> CurlDriver::New(
    const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
    EventLoop& loop, HostResolver& resolver, const HttpMetrics& metrics) {
  absl::StatusOr<CurlSessionCache> sessions = CurlSessionCache::New();
  if (!sessions.ok()) return sessions.status();
  auto driver = absl::WrapUnique(new CurlDriver(options, std::move(trust_store),
                                                *std::move(sessions), loop, resolver, metrics));
  const absl::Status status = driver->Init();
  if (!status.ok()) return status;
  return driver;
}

CurlDriver::CurlDriver(const HttpClientOptions& options,
                       std::shared_ptr<const TrustStore> trust_store, CurlSessionCache sessions,
                       EventLoop& loop, HostResolver& resolver, const HttpMetrics& metrics)
    : metrics_(metrics),
      sockets_(loop, *this),
      setup_{options, std::move(trust_store), std::move(sessions), resolver, sockets_},
      timer_(loop, [this](TimePoint) { OnTimer(); }),
      connect_limit_(loop, [this](TimePoint now) { GiveUpWaiting(now); }),
      overdue_(loop, [this](TimePoint now) { GiveUpOverdue(now); }),
      pool_(setup_) {
  resolver.set_listener([this](const std::shared_ptr<HostResolver::Host>& host,
                               const absl::Status& status,
                               TimePoint now) { LaunchWaiting(host, status, now); });
}

absl::Status CurlDriver::Init() {
  absl::StatusOr<std::unique_ptr<CurlMulti>> multi =
      CurlMulti::New(sockets_, timer_, setup_.options.max_idle_connections, Multiplexes(setup_));
  if (!multi.ok()) return multi.status();
  multi_ = *std::move(multi);
  return absl::OkStatus();
}

void CurlDriver::OnEvents(int fd, uint32_t events) {
  if (sockets_.Wanted(fd) == 0) return sockets_.Ignore(fd);
  if ((events & EPOLLIN) != 0) sockets_.Heard(fd);
  Check(multi_->OnSocket(fd, events));
  FinishTransfers();
}

void CurlDriver::OnTimer() {
  Check(multi_->RunTimers());
  FinishTransfers();
}

void CurlDriver::FinishTransfers() {
  while (const absl::optional<CurlMulti::Finished> finished = multi_->NextFinished()) {
    CurlTransfer& transfer = CurlTransfer::Of(finished->handle);
    HttpResult result = transfer.Outcome(finished->code, Now());
    const bool replied = absl::holds_alternative<HttpReply>(result);
    // libcurl reports it before it closes a socket that has received a complete reply.
    if (const absl::optional<int> fd = transfer.NewSocket(); replied && fd.has_value()) {
      sockets_.Established(*fd);
    }
    std::unique_ptr<CurlTransfer> over = Forget(transfer);
    const std::shared_ptr<HttpCall> call = over->End();
    // A handle is not reused after a failure, which may have left it in any state.
    if (replied) pool_.Return(std::move(over), *call->request().target);
    over.reset();
    call->Finish(std::move(result));
  }
}

void CurlDriver::Start(std::shared_ptr<HttpCall> call) {
  if (shut_down_) return call->Finish(ShuttingDown());
  // If Cancel() was called before this, it had no effect.
  if (call->context().cancelled()) return call->Finish(CallerGone());
  const TimePoint now = Now();
  absl::StatusOr<std::unique_ptr<CurlTransfer>> transfer = pool_.Take(call->request().target, now);
  if (!transfer.ok()) return call->Finish(HttpFailure{transfer.status()});
  absl::Status status = (*transfer)->Begin(call, now);
  if (!status.ok()) return call->Finish(HttpFailure{status});
  CurlTransfer& begun = **transfer;
  begun.set_position(running_.size());
  running_.push_back(*std::move(transfer));
  overdue_.SetIfEarlier(begun.time_limit() + kOverdue);
  begun.metrics().requests_in_flight.Increment();
  if (!begun.HasAddress(now)) {
    waiting_.emplace(begun.connect_limit(), &begun);
    connect_limit_.SetIfEarlier(begun.connect_limit());
    metrics_.requests_without_address.Increment();
    return;
  }
  status = Launch(begun, now);
  if (!status.ok()) GiveUp(begun, {status});
}

void CurlDriver::Cancel(HttpCall& call) {
  // Null if the call has ended, or has not started yet; Start() checks for cancellation.
  if (call.transfer() == nullptr) return;
  GiveUp(*call.transfer(), CallerGone());
}

void CurlDriver::ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) {
  if (trust_store == setup_.trust_store) return;
  setup_.trust_store = std::move(trust_store);
  for (const std::unique_ptr<CurlTransfer>& transfer : running_) {
    const absl::Status status = transfer->MarkForClose();
    if (!status.ok()) return GiveUpAll({status});
  }
  // libcurl will not reuse these connections, but has no function that closes them at once.
  sockets_.CutIdle();
}

void CurlDriver::ShutDown() {
  shut_down_ = true;
  GiveUpAll(ShuttingDown());
}

absl::Status CurlDriver::Launch(CurlTransfer& transfer, TimePoint now) {
  if (absl::Status status = transfer.Address(now); !status.ok()) return status;
  overdue_.SetIfEarlier(transfer.patience_limit());
  return multi_->Add(transfer.handle());
}

void CurlDriver::LaunchWaiting(const std::shared_ptr<HostResolver::Host>& host,
                               const absl::Status& status, TimePoint now) {
  // Done first, so that the transfers launched below have time left.
  GiveUpWaiting(now);
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    CurlTransfer& transfer = *next->second;
    if (transfer.host() != host) {
      ++next;
      continue;
    }
    next = waiting_.erase(next);
    metrics_.requests_without_address.Decrement();
    const absl::Status launched = status.ok() ? Launch(transfer, now) : status;
    if (!launched.ok()) GiveUp(transfer, {launched});
  }
}

void CurlDriver::GiveUpWaiting(TimePoint now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    CurlTransfer& transfer = *waiting_.begin()->second;
    GiveUp(transfer, transfer.NotAddressed());
  }
  if (!waiting_.empty()) connect_limit_.Set(waiting_.begin()->first);
}

// libcurl 7.88.1 compares times in whole milliseconds. If another timer of a transfer, such as the
// connect timeout, fires in the millisecond before the transfer's time limit, libcurl treats the
// time limit as having fired too, and the transfer would wait forever.
void CurlDriver::GiveUpOverdue(TimePoint now) {
  TimePoint next = TimePoint::max();
  // From the end, because GiveUp() moves the last transfer into the place of the removed one.
  for (size_t i = running_.size(); i-- > 0;) {
    CurlTransfer& transfer = *running_[i];
    const TimePoint overdue = transfer.time_limit() + kOverdue;
    const bool impatient = transfer.in_doubt() && transfer.patience_limit() <= now;
    if (overdue > now && !impatient) {
      next = std::min(next, overdue);
      // It may be in doubt later.
      if (transfer.patience_limit() > now) next = std::min(next, transfer.patience_limit());
    } else {
      GiveUp(transfer, CurlError(CURLE_OPERATION_TIMEDOUT));
    }
  }
  // The pause avoids one alarm for each of many transfers that are near their limits.
  overdue_.Set(std::max(next, now + kOverdue));
}

void CurlDriver::GiveUp(CurlTransfer& transfer, HttpFailure why) {
  why = transfer.Failed(std::move(why), Now());
  std::unique_ptr<CurlTransfer> over = Forget(transfer);
  const std::shared_ptr<HttpCall> call = over->End();
  over.reset();
  call->Finish(std::move(why));
}

void CurlDriver::GiveUpAll(const HttpFailure& why) {
  while (!running_.empty()) GiveUp(*running_.back(), why);
}

std::unique_ptr<CurlTransfer> CurlDriver::Forget(CurlTransfer& transfer) {
  if (!waiting_.empty() && waiting_.erase({transfer.connect_limit(), &transfer}) > 0) {
    metrics_.requests_without_address.Decrement();
  }
  // No effect on a handle that was never added.
  (void)multi_->Remove(transfer.handle());
  const size_t position = transfer.position();
  std::unique_ptr<CurlTransfer> over = std::move(running_[position]);
  if (position + 1 != running_.size()) {
    running_[position] = std::move(running_.back());
    running_[position]->set_position(position);
  }
  running_.pop_back();
  over->metrics().requests_in_flight.Decrement();
  return over;
}

void CurlDriver::Check(const absl::Status& status) {
  if (!status.ok()) GiveUpAll({status});
}

}  // namespace uid2
