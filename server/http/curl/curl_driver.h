// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_DRIVER_H_
#define SERVER_HTTP_CURL_CURL_DRIVER_H_

#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/event/event_loop.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/http/curl/curl_multi.h"
#include "server/http/curl/curl_session_cache.h"
#include "server/http/curl/curl_transfer.h"
#include "server/http/curl/curl_transfer_pool.h"
#include "server/http/curl/curl_transfer_setup.h"
#include "server/http/curl/http_call.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// Makes calls with libcurl on an event loop: begins their transfers, tells libcurl of events and
// times, and runs the calls' callbacks. For the loop's thread, or before the loop runs and after.
class CurlDriver final : public HttpCall::Performer, private EventLoop::EventHandler {
 public:
  // `options` are valid. What is lent must outlive the driver; the resolver's listener is the
  // driver's.
  static absl::StatusOr<std::unique_ptr<CurlDriver>> New(
      const CurlHttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
      EventLoop& loop, HostResolver& resolver, const HttpMetrics& metrics);

  CurlDriver(const CurlDriver&) = delete;
  CurlDriver& operator=(const CurlDriver&) = delete;

  void Start(std::shared_ptr<HttpCall> call) override;
  void Cancel(HttpCall& call) override;

  // From now on new connections are verified against `trust_store`. Those made before are closed,
  // as soon as no request is on them.
  void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store);

  // Fails all calls, and those that start later. To be called before the loop ends.
  void ShutDown();

 private:
  using TimePoint = CurlTransfer::TimePoint;

  CurlDriver(const CurlHttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
             CurlSessionCache sessions, EventLoop& loop, HostResolver& resolver,
             const HttpMetrics& metrics);

  absl::Status Init();

  void OnEvents(int fd, uint32_t events) override;
  void OnTimer();
  void FinishTransfers();

  // Has libcurl begin `transfer`, now that it has an address.
  absl::Status Launch(CurlTransfer& transfer, TimePoint now);
  // The transfers that wait for the addresses of `host`: there are some, or `status` says why not.
  void LaunchWaiting(const std::shared_ptr<HostResolver::Host>& host, const absl::Status& status,
                     TimePoint now);
  // Those that have waited for addresses long enough.
  void GiveUpWaiting(TimePoint now);
  void GiveUpOverdue(TimePoint now);

  // Takes a transfer that has not ended off the wire, if it is there, and fails its call.
  void GiveUp(CurlTransfer& transfer, const absl::Status& why);
  void GiveUpAll(const absl::Status& why);
  std::unique_ptr<CurlTransfer> Forget(CurlTransfer& transfer);

  // `status` is libcurl's answer to something that concerns all transfers: if it is not OK, none
  // that is in progress can be relied on.
  void Check(const absl::Status& status);

  // Each member is used by those below it, and so destroyed after them.
  const HttpMetrics metrics_;
  SocketWatch sockets_;
  CurlTransferSetup setup_;
  // When libcurl has something to do.
  EventLoop::Alarm timer_;
  // When the next of waiting_ has waited long enough, or earlier.
  EventLoop::Alarm connect_limit_;
  // When GiveUpOverdue() may have something to do.
  EventLoop::Alarm overdue_;
  std::unique_ptr<CurlMulti> multi_;
  CurlTransferPool pool_;
  std::vector<std::unique_ptr<CurlTransfer>> running_;
  // Those of running_ that libcurl does not have yet, by their connect_limit().
  std::set<std::pair<TimePoint, CurlTransfer*>> waiting_;
  bool shut_down_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_DRIVER_H_
