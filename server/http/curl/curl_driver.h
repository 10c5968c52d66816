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
#include "server/http/curl/curl_multi.h"
#include "server/http/curl/curl_session_cache.h"
#include "server/http/curl/curl_transfer.h"
#include "server/http/curl/curl_transfer_pool.h"
#include "server/http/curl/curl_transfer_setup.h"
#include "server/http/curl/http_call.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/http_metrics.h"

namespace uid2 {

// Makes calls with libcurl on an event loop: starts their transfers, tells libcurl about events and
// timeouts, and runs the calls' callbacks. Use it on the loop's thread only, or while the loop is
// not running.
class CurlDriver final : public HttpCall::Performer, private EventLoop::EventHandler {
 public:
  // `options` must be valid. `loop` and `resolver` must outlive the driver, which sets the
  // resolver's listener.
  static absl::StatusOr<std::unique_ptr<CurlDriver>> New(
      const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
      EventLoop& loop, HostResolver& resolver, const HttpMetrics& metrics);

  CurlDriver(const CurlDriver&) = delete;
  CurlDriver& operator=(const CurlDriver&) = delete;

  void Start(std::shared_ptr<HttpCall> call) override;
  void Cancel(HttpCall& call) override;

  // Verifies new connections against `trust_store` from now on. Existing connections are closed as
  // soon as no request uses them.
  void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store);

  // Fails all calls, including those that start later. Call this before the loop ends.
  void ShutDown();

 private:
  using TimePoint = CurlTransfer::TimePoint;

  CurlDriver(const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
             CurlSessionCache sessions, EventLoop& loop, HostResolver& resolver,
             const HttpMetrics& metrics);

  absl::Status Init();

  void OnEvents(int fd, uint32_t events) override;
  void OnTimer();
  void FinishTransfers();

  // Starts `transfer`, which now has an address, in libcurl.
  absl::Status Launch(CurlTransfer& transfer, TimePoint now);
  // Launches the transfers that wait for the addresses of `host`, or fails them with `status` if it
  // is not OK.
  void LaunchWaiting(const std::shared_ptr<HostResolver::Host>& host, const absl::Status& status,
                     TimePoint now);
  // Gives up the transfers that have waited for addresses until their connect_limit().
  void GiveUpWaiting(TimePoint now);
  void GiveUpOverdue(TimePoint now);

  // Stops a transfer that has not ended and fails its call.
  void GiveUp(CurlTransfer& transfer, HttpFailure why);
  void GiveUpAll(const HttpFailure& why);
  std::unique_ptr<CurlTransfer> Forget(CurlTransfer& transfer);

  // `status` is libcurl's result for an operation on all transfers. If it is not OK, the transfers
  // in progress are in an unknown state, so all of them are given up.
  void Check(const absl::Status& status);

  // Each member is used by those below it, and is therefore destroyed after them.
  const HttpMetrics metrics_;
  SocketWatch sockets_;
  CurlTransferSetup setup_;
  // When libcurl has something to do.
  EventLoop::Alarm timer_;
  // At the earliest connect_limit() in waiting_, or earlier.
  EventLoop::Alarm connect_limit_;
  // When GiveUpOverdue() may have a transfer to give up.
  EventLoop::Alarm overdue_;
  std::unique_ptr<CurlMulti> multi_;
  CurlTransferPool pool_;
  std::vector<std::unique_ptr<CurlTransfer>> running_;
  // The transfers in running_ that wait for addresses, by their connect_limit().
  std::set<std::pair<TimePoint, CurlTransfer*>> waiting_;
  bool shut_down_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_DRIVER_H_
