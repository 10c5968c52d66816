#ifndef SERVER_HTTP_CURL_CURL_LOOP_H_
#define SERVER_HTTP_CURL_CURL_LOOP_H_

#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/event/epoll.h"
#include "server/event/inbox.h"
#include "server/event/timer_queue.h"
#include "server/http/curl/curl_counters.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/http/curl/curl_multi.h"
#include "server/http/curl/curl_transfer.h"
#include "server/http/curl/curl_transfer_pool.h"
#include "server/http/curl/curl_transfer_setup.h"
#include "server/http/curl/http_call.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/http_client_stats.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store_file.h"

namespace uid2 {

// What the client's thread does: takes calls from the inbox, lets libcurl serve them, and runs
// their callbacks.
class CurlLoop {
 public:
  // `options` are valid.
  // `on_trust_store`, which may be null: see CurlHttpClient::New().
  static absl::StatusOr<std::unique_ptr<CurlLoop>> New(
      const CurlHttpClientOptions& options, std::function<void(const absl::Status&)> on_trust_store,
      std::shared_ptr<Inbox> inbox);

  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // Thread-safe. Actions run in Run(); those that still wait when it has returned never do.
  TimerQueue& timers() { return timers_; }

  // Thread-safe.
  HttpClientStats stats() const;

  // Returns after a kStop signal, when every call has been answered and the inbox is closed.
  void Run();

 private:
  using TimePoint = CurlTransfer::TimePoint;

  CurlLoop(Epoll epoll, std::unique_ptr<TrustStoreFile> trust_store, CurlSessionCache sessions,
           const CurlHttpClientOptions& options,
           std::function<void(const absl::Status&)> on_trust_store, std::shared_ptr<Inbox> inbox)
      : inbox_(std::move(inbox)),
        trust_store_(std::move(trust_store)),
        on_trust_store_(std::move(on_trust_store)),
        timers_(*inbox_),
        epoll_(std::move(epoll)),
        sockets_(epoll_),
        resolver_(inbox_, counters_, options.address_age),
        setup_{options, trust_store_->store(), std::move(sessions), resolver_, sockets_, counters_},
        pool_(setup_) {}

  absl::Status Init();

  void Wait();
  void TakeSignals();
  void FinishTransfers();

  void CheckTrustStore(TimePoint now);
  void GiveUpOverdue(TimePoint now);
  void ReplaceTrustStore();

  void Start(std::shared_ptr<HttpCall> call);
  // Has libcurl begin `transfer`, now that it has an address.
  absl::Status Launch(CurlTransfer& transfer, TimePoint now);
  // Of transfers that wait for addresses: those for which there are some, or will be none, or that
  // have waited long enough.
  void LaunchWaiting(TimePoint now);
  void LaunchWaiting(const HostResolver::Answer& answer, TimePoint now);
  void Cancel(HttpCall& call);

  // Takes a transfer that is not over off the wire, if it is there, and fails its call.
  void GiveUp(CurlTransfer& transfer, const absl::Status& why);
  void GiveUpAll(const absl::Status& why);
  std::unique_ptr<CurlTransfer> Forget(CurlTransfer& transfer);

  // What `status`, libcurl's own answer, means for all: where it is not OK, nothing that is
  // under way can be relied on.
  void Check(const absl::Status& status);

  // Each member is used by those below it, and so destroyed after them.
  const std::shared_ptr<Inbox> inbox_;
  const std::unique_ptr<TrustStoreFile> trust_store_;
  const std::function<void(const absl::Status&)> on_trust_store_;
  TimerQueue timers_;
  CurlCounters counters_;
  Epoll epoll_;
  SocketWatch sockets_;
  HostResolver resolver_;
  CurlTransferSetup setup_;
  std::unique_ptr<CurlMulti> multi_;
  CurlTransferPool pool_;
  std::vector<std::unique_ptr<CurlTransfer>> running_;
  // Those of running_ that libcurl does not have yet, by their connect_limit().
  std::set<std::pair<TimePoint, CurlTransfer*>> waiting_;
  TimePoint next_trust_store_check_;
  // When GiveUpOverdue() may have something to do.
  TimePoint next_overdue_check_ = TimePoint::max();
  // Told last to on_trust_store_.
  absl::Status trust_store_status_;
  bool stopping_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_LOOP_H_
