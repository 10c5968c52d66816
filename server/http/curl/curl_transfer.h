// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_TRANSFER_H_
#define SERVER_HTTP_CURL_CURL_TRANSFER_H_

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/http/attempt.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/curl_host_entry.h"
#include "server/http/curl/curl_reply.h"
#include "server/http/curl/curl_target.h"
#include "server/http/curl/curl_transfer_setup.h"
#include "server/http/curl/http_call.h"
#include "server/http/curl/socket_watch.h"
#include "server/http/http_client.h"
#include "server/http/resolver/host_resolver.h"
#include "server/telemetry/http_target_metrics.h"

namespace uid2 {

// One request and its reply through libcurl. It is reused for other calls to the same target: the
// handle stays configured, and only the body and the time limits change. Use it on the loop's
// thread only. libcurl stores its address, so it must not move.
class CurlTransfer {
 public:
  using TimePoint = CallContext::TimePoint;

  // `setup` must outlive the transfer. `shared` must be that of `target`.
  static absl::StatusOr<std::unique_ptr<CurlTransfer>> New(CurlTransferSetup& setup,
                                                           const HttpTarget& target,
                                                           std::shared_ptr<CurlTarget> shared);

  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // The transfer that `handle` belongs to.
  static CurlTransfer& Of(CURL* handle);

  CURL* handle() const { return handle_.get(); }

  // See Attempt. Valid from Begin() to End().
  TimePoint time_limit() const { return attempt_.time_limit(); }
  TimePoint connect_limit() const { return attempt_.connect_limit(); }
  TimePoint patience_limit() const { return attempt_.patience_limit(call_->context()); }
  bool in_doubt() const { return attempt_.in_doubt(); }

  // Takes `call`, whose time limits start at `now`. Fails with kDeadlineExceeded if the call's
  // deadline has passed.
  absl::Status Begin(std::shared_ptr<HttpCall> call, TimePoint now);

  // Whether the addresses of the host are known. If not, the resolver will call its listener.
  bool HasAddress(TimePoint now) { return host_entry_.Known(now); }

  // Those of the call's target. Valid from Begin() to End().
  const HttpTargetMetrics& metrics() const { return call_->request().target->metrics; }

  // Null if the URL has an address instead of a name.
  const std::shared_ptr<HostResolver::Host>& host() const { return host_entry_.host(); }

  // Prepares the handle for the call's request, with the host's addresses. Call this before
  // connect_limit(). Fails with kInternal if libcurl rejects an option.
  absl::Status Address(TimePoint now);

  // The error for a call that has waited for addresses until connect_limit().
  HttpFailure NotAddressed() const { return attempt_.NotAddressed(); }

  // See MarkForClose() in curl_transfer_setup.h. Call this only between Begin() and End().
  absl::Status MarkForClose() { return uid2::MarkForClose(handle_); }

  // Returns the socket if the transfer has opened a new connection that can be reused; nullopt if
  // it has reused a connection or closed it. Call this after libcurl has reported that the transfer
  // has ended, and before End().
  absl::optional<int> NewSocket() const;

  // Returns the result, after libcurl has reported that the transfer has ended with `code`.
  HttpResult Outcome(CURLcode code, TimePoint now);

  // Returns the result of a transfer that ends with `failure` at `now`: adds what the transfer
  // knows, and takes it into account for later transfers. Call this before End().
  HttpFailure Failed(HttpFailure failure, TimePoint now);

  // Returns the call.
  std::shared_ptr<HttpCall> End();

  // For the driver only: the transfer's index in the list of running transfers.
  size_t position() const { return position_; }
  void set_position(size_t position) { position_ = position; }

 private:
  CurlTransfer(CurlTransferSetup& setup, std::shared_ptr<CurlTarget> shared,
               CurlHostEntry host_entry, CurlHandle handle)
      : setup_(setup),
        shared_(std::move(shared)),
        host_entry_(std::move(host_entry)),
        attempt_(setup.options),
        reply_(setup.options.max_reply_bytes),
        handle_(std::move(handle)),
        trust_store_id_(setup.trust_store->id()) {}

  absl::Status ConfigureFor(const HttpTarget& target);
  absl::Status FollowTrustStore();
  absl::Status FollowConnectLimit(TimePoint now);
  absl::Status KeepConnection();
  HttpFailure FailureOf(CURLcode code, TimePoint now) const;
  // HttpFailure::peer.
  std::string Peer() const;
  // Counts the connection to which the request is about to be sent, if it is new. Not earlier,
  // because libcurl closes a socket without notice if it cannot connect.
  void CountConnection() const {
    for (size_t i = sockets_.size(); i-- > 0;) {
      if (attempt_.tried()[i] != Peer()) continue;
      return setup_.sockets.Connected(sockets_[i], metrics().connections);
    }
  }

  static curl_socket_t OnOpenSocket(void* transfer, curlsocktype purpose, curl_sockaddr* address);
  static int OnSend(void* transfer, char* server, char* client, int server_port, int client_port);

  CurlTransferSetup& setup_;
  const std::shared_ptr<CurlTarget> shared_;
  // These outlive the handle, which uses them.
  CurlHostEntry host_entry_;
  Attempt attempt_;
  CurlReply reply_;
  CurlHandle handle_;
  bool proxied_ = false;
  // The trust store that the handle is configured for.
  uint64_t trust_store_id_;
  size_t position_ = 0;

  std::shared_ptr<HttpCall> call_;
  // The handle's limit is shorter than connect_timeout.
  bool late_ = false;
  SocketWatch::Moment begun_mark_ = 0;
  // One for each address that the attempt has tried.
  std::vector<curl_socket_t> sockets_;
  // libcurl has connected to another address than the picked one.
  bool misdirected_ = false;
  // libcurl writes to it until the handle is destroyed.
  std::array<char, CURL_ERROR_SIZE> error_text_ = {};
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TRANSFER_H_
