#include "server/http/curl/curl_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "absl/memory/memory.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace uid2 {
namespace {

// How late a transfer is before it is given up without libcurl.
constexpr std::chrono::milliseconds kOverdue(10);

CurlTransfer::TimePoint Now() { return std::chrono::steady_clock::now(); }

}  // namespace

absl::StatusOr<std::unique_ptr<CurlLoop>> CurlLoop::New(
    const CurlHttpClientOptions& options, std::function<void(const absl::Status&)> on_trust_store,
    std::shared_ptr<Inbox> inbox) {
  absl::StatusOr<std::unique_ptr<TrustStoreFile>> trust_store =
      TrustStoreFile::Open(options.ca_file);
  if (!trust_store.ok()) return trust_store.status();
  absl::StatusOr<CurlSessionCache> sessions = CurlSessionCache::New();
  if (!sessions.ok()) return sessions.status();
  absl::StatusOr<Epoll> epoll = Epoll::New();
  if (!epoll.ok()) return epoll.status();
  auto loop = absl::WrapUnique(new CurlLoop(*std::move(epoll), *std::move(trust_store),
                                            *std::move(sessions), options,
                                            std::move(on_trust_store), std::move(inbox)));
  const absl::Status status = loop->Init();
  if (!status.ok()) return status;
  return loop;
}

absl::Status CurlLoop::Init() {
  absl::StatusOr<std::unique_ptr<CurlMulti>> multi =
      CurlMulti::New(sockets_, setup_.options.max_idle_connections);
  if (!multi.ok()) return multi.status();
  multi_ = *std::move(multi);
  return epoll_.Add(inbox_->wake_fd(), EPOLLIN | EPOLLET);
}

HttpClientStats CurlLoop::stats() const {
  return {.requests_sent = counters_.requests_sent.value(),
          .requests_resent = counters_.requests_resent.value(),
          .connections_opened = counters_.connections_opened.value(),
          .trust_store_reloads = counters_.trust_store_reloads.value(),
          .trust_store_reload_failures = counters_.trust_store_reload_failures.value(),
          .look_ups = counters_.look_ups.value(),
          .look_up_failures = counters_.look_up_failures.value(),
          .requests_in_flight = counters_.requests_in_flight.value(),
          .requests_without_address = counters_.requests_without_address.value(),
          .timers_waiting = static_cast<int64_t>(timers_.waiting())};
}

void CurlLoop::Run() {
  while (!stopping_) {
    // Replies first: their transfers serve the calls that wait in the inbox.
    FinishTransfers();
    TakeSignals();
    const TimePoint now = Now();
    LaunchWaiting(now);
    timers_.RunDue(now);
    CheckTrustStore(now);
    const absl::optional<TimePoint> timer = multi_->next_timer();
    if (timer.has_value() && (*timer == TimePoint::min() || *timer <= Now())) {
      Check(multi_->RunTimers());
      FinishTransfers();
    }
    GiveUpOverdue(now);
    Wait();
  }
  const absl::Status why = absl::CancelledError("the HTTP client ends");
  do {
    GiveUpAll(why);
    TakeSignals();
  } while (!inbox_->Close());
}

void CurlLoop::Wait() {
  // Where there is more to do, a look at the sockets and no wait.
  absl::optional<TimePoint> until = TimePoint::min();
  if (!stopping_ && inbox_->PrepareToSleep() && !resolver_.has_answers()) {
    const TimePoint limit = waiting_.empty() ? TimePoint::max() : waiting_.begin()->first;
    until = timers_.SleepUntil(std::min({limit, next_trust_store_check_, next_overdue_check_,
                                         multi_->next_timer().value_or(TimePoint::max())}));
  }
  for (const epoll_event& event : epoll_.Wait(until)) {
    const int fd = event.data.fd;
    if (fd == inbox_->wake_fd()) continue;
    if (sockets_.Wanted(fd) == 0) {
      sockets_.Ignore(fd);
    } else {
      Check(multi_->OnSocket(fd, event.events));
    }
  }
}

void CurlLoop::TakeSignals() {
  Inbox::Item* item = inbox_->TakeAll();
  while (item != nullptr) {
    HttpSignal& signal = *static_cast<HttpSignal*>(item);
    item = item->next;
    // From here on the signal may be gone together with its call.
    const HttpSignal::Kind kind = signal.kind;
    std::shared_ptr<HttpCall> call = std::move(signal.call);
    switch (kind) {
      case HttpSignal::Kind::kStart:
        Start(std::move(call));
        break;
      case HttpSignal::Kind::kCancel:
        Cancel(*call);
        break;
      case HttpSignal::Kind::kStop:
        stopping_ = true;
        break;
    }
  }
}

void CurlLoop::FinishTransfers() {
  while (const absl::optional<CurlMulti::Finished> finished = multi_->NextFinished()) {
    CurlTransfer& transfer = CurlTransfer::Of(finished->handle);
    absl::StatusOr<HttpReply> result = transfer.Outcome(finished->code, Now());
    // libcurl announces the closing of a socket that has carried a whole reply.
    if (const absl::optional<int> fd = transfer.NewSocket(); result.ok() && fd.has_value()) {
      sockets_.Settled(*fd);
    }
    std::unique_ptr<CurlTransfer> over = Forget(transfer);
    const std::shared_ptr<HttpCall> call = over->End();
    // A handle that has failed is not used again: whatever state the failure left goes with it.
    if (result.ok()) pool_.Return(std::move(over), *call->request().target);
    over.reset();
    call->Finish(std::move(result));
  }
}

void CurlLoop::CheckTrustStore(TimePoint now) {
  if (now < next_trust_store_check_) return;
  next_trust_store_check_ = now + absl::ToChronoNanoseconds(setup_.options.ca_file_check_interval);
  const absl::optional<absl::Status> news = trust_store_->Check();
  if (!news.has_value()) return;
  if (news->ok()) {
    ReplaceTrustStore();
    counters_.trust_store_reloads.Increment();
  } else {
    counters_.trust_store_reload_failures.Increment();
    // The same again is no news.
    if (*news == trust_store_status_) return;
  }
  trust_store_status_ = *news;
  if (on_trust_store_) on_trust_store_(*news);
}

// libcurl 7.88.1 compares the times of its timers in whole milliseconds: where another one of the
// transfer's, such as that of connect_timeout, rings within the millisecond before its time limit,
// that is taken to have rung too, and the transfer would wait for its reply for ever.
void CurlLoop::GiveUpOverdue(TimePoint now) {
  if (now < next_overdue_check_) return;
  TimePoint next = TimePoint::max();
  // From the end, as the last one takes the place of one that is given up.
  for (size_t i = running_.size(); i-- > 0;) {
    const TimePoint overdue = running_[i]->time_limit() + kOverdue;
    if (overdue > now) {
      next = std::min(next, overdue);
    } else {
      GiveUp(*running_[i], absl::DeadlineExceededError("no reply in time"));
    }
  }
  // Not for each of many that are near their limits.
  next_overdue_check_ = std::max(next, now + kOverdue);
}

void CurlLoop::ReplaceTrustStore() {
  setup_.trust_store = trust_store_->store();
  for (const std::unique_ptr<CurlTransfer>& transfer : running_) {
    const absl::Status status = transfer->OutliveTrustStore();
    if (!status.ok()) return GiveUpAll(status);
  }
  // libcurl would not use these again, but has no way to have them closed at once.
  sockets_.CutIdle();
}

void CurlLoop::Start(std::shared_ptr<HttpCall> call) {
  if (stopping_) return call->Finish(absl::CancelledError("the HTTP client ends"));
  // A hook that ran before this signal came found nothing to cancel.
  if (call->context().cancelled()) return call->Finish(absl::CancelledError("the caller has gone"));
  const TimePoint now = Now();
  absl::StatusOr<std::unique_ptr<CurlTransfer>> transfer = pool_.Take(call->request().target, now);
  if (!transfer.ok()) return call->Finish(transfer.status());
  absl::Status status = (*transfer)->Begin(call, now);
  if (!status.ok()) return call->Finish(status);
  CurlTransfer& begun = **transfer;
  begun.position = running_.size();
  running_.push_back(*std::move(transfer));
  next_overdue_check_ = std::min(next_overdue_check_, running_.back()->time_limit() + kOverdue);
  counters_.requests_in_flight.Increment();
  if (!begun.HasAddress(now)) {
    waiting_.emplace(begun.connect_limit(), &begun);
    counters_.requests_without_address.Increment();
    return;
  }
  status = Launch(begun, now);
  if (!status.ok()) GiveUp(begun, status);
}

absl::Status CurlLoop::Launch(CurlTransfer& transfer, TimePoint now) {
  const absl::Status status = transfer.Address(now);
  return status.ok() ? multi_->Add(transfer.handle()) : status;
}

void CurlLoop::LaunchWaiting(TimePoint now) {
  // First, so that what is launched has time left.
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    CurlTransfer& transfer = *waiting_.begin()->second;
    GiveUp(transfer, transfer.NotAddressed());
  }
  for (const HostResolver::Answer& answer : resolver_.TakeAnswers(now)) LaunchWaiting(answer, now);
}

void CurlLoop::LaunchWaiting(const HostResolver::Answer& answer, TimePoint now) {
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    CurlTransfer& transfer = *next->second;
    if (transfer.host() != answer.host) {
      ++next;
      continue;
    }
    next = waiting_.erase(next);
    counters_.requests_without_address.Decrement();
    absl::Status status = answer.status;
    if (status.ok()) status = Launch(transfer, now);
    if (!status.ok()) GiveUp(transfer, status);
  }
}

void CurlLoop::Cancel(HttpCall& call) {
  // Null where the call is over, or has not begun: then Start() sees that it is cancelled.
  if (call.transfer() == nullptr) return;
  GiveUp(*call.transfer(), absl::CancelledError("the caller has gone"));
}

void CurlLoop::GiveUp(CurlTransfer& transfer, const absl::Status& why) {
  std::unique_ptr<CurlTransfer> over = Forget(transfer);
  const std::shared_ptr<HttpCall> call = over->End();
  over.reset();
  call->Finish(why);
}

void CurlLoop::GiveUpAll(const absl::Status& why) {
  while (!running_.empty()) GiveUp(*running_.back(), why);
}

std::unique_ptr<CurlTransfer> CurlLoop::Forget(CurlTransfer& transfer) {
  if (!waiting_.empty() && waiting_.erase({transfer.connect_limit(), &transfer}) > 0) {
    counters_.requests_without_address.Decrement();
  }
  // Without effect on a handle that was never added.
  (void)multi_->Remove(transfer.handle());
  const size_t position = transfer.position;
  std::unique_ptr<CurlTransfer> over = std::move(running_[position]);
  if (position + 1 != running_.size()) {
    running_[position] = std::move(running_.back());
    running_[position]->position = position;
  }
  running_.pop_back();
  counters_.requests_in_flight.Decrement();
  return over;
}

void CurlLoop::Check(const absl::Status& status) {
  if (!status.ok()) GiveUpAll(status);
}

}  // namespace uid2
