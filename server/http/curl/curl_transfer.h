// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_TRANSFER_H_
#define SERVER_HTTP_CURL_CURL_TRANSFER_H_

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/curl/curl_header_list.h"
#include "server/http/curl/curl_host_entry.h"
#include "server/http/curl/curl_transfer_setup.h"
#include "server/http/curl/http_call.h"
#include "server/http/http_client.h"
#include "server/http/resolver/host_resolver.h"

namespace uid2 {

// One request and its reply through libcurl. It is used again for other calls to the same target:
// its handle stays configured, and only body and time limit change. For the loop's thread. libcurl
// holds its address, so it never moves.
class CurlTransfer {
 public:
  using TimePoint = CallContext::TimePoint;

  // `setup` must outlive it. `headers` are those of `target`.
  static absl::StatusOr<std::unique_ptr<CurlTransfer>> New(
      CurlTransferSetup& setup, const HttpTarget& target,
      std::shared_ptr<const CurlHeaderList> headers);

  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // The transfer that `handle` belongs to.
  static CurlTransfer& Of(CURL* handle);

  CURL* handle() const { return handle_.get(); }

  // When it has to end. Only from Begin() to End().
  TimePoint time_limit() const { return time_limit_; }

  // Takes `call`, whose time limits start at `now`. kDeadlineExceeded if its deadline has passed.
  absl::Status Begin(std::shared_ptr<HttpCall> call, TimePoint now);

  // Whether the addresses of its host are known; false: the resolver will tell its listener.
  bool HasAddress(TimePoint now) { return host_entry_.Known(now); }

  // Null if its URL has an address.
  const std::shared_ptr<HostResolver::Host>& host() const { return host_entry_.host(); }

  // How long it may wait for an address: until its own time limit or that for its connection.
  TimePoint connect_limit() const { return connect_limit_; }

  // Prepares its handle for the call's request, with the host's addresses; before connect_limit().
  // kInternal if libcurl refuses that.
  absl::Status Address(TimePoint now);

  // Why its call fails if it has waited until connect_limit() for addresses.
  absl::Status NotAddressed() const;

  // As MarkForClose() of curl_transfer_setup.h. Only from Begin() to End().
  absl::Status MarkForClose() { return uid2::MarkForClose(handle_); }

  // The socket of the connection that it has made and left for others; nothing if it has used one
  // that was there, or closed it. Once libcurl says that the transfer has ended, before End().
  absl::optional<int> NewSocket() const;

  // Its result, once libcurl says that it has ended, with `code`.
  absl::StatusOr<HttpReply> Outcome(CURLcode code, TimePoint now);

  // Gives its call back.
  std::shared_ptr<HttpCall> End();

  // The driver's own: where the transfer is among those that it runs.
  size_t position() const { return position_; }
  void set_position(size_t position) { position_ = position; }

 private:
  CurlTransfer(CurlTransferSetup& setup, std::shared_ptr<const CurlHeaderList> headers,
               CurlHostEntry host_entry, CurlHandle handle)
      : setup_(setup),
        headers_(std::move(headers)),
        host_entry_(std::move(host_entry)),
        handle_(std::move(handle)),
        trust_store_id_(setup.trust_store->id()) {}

  absl::Status ConfigureFor(const HttpTarget& target);
  absl::Status FollowTrustStore();
  absl::Status FollowConnectLimit(TimePoint now);

  static int OnSend(void* transfer, char* server, char* client, int server_port, int client_port);
  static size_t OnHeader(char* data, size_t size, size_t count, void* transfer);
  static size_t OnBody(char* data, size_t size, size_t count, void* transfer);

  CurlTransferSetup& setup_;
  const std::shared_ptr<const CurlHeaderList> headers_;
  // Both outlive the handle, which reads them.
  CurlHostEntry host_entry_;
  CurlHandle handle_;
  // The trust store that the handle is configured for.
  uint64_t trust_store_id_;
  size_t position_ = 0;

  std::shared_ptr<HttpCall> call_;
  TimePoint begun_;
  TimePoint time_limit_;
  TimePoint connect_limit_;
  // The handle is set to less than connect_timeout.
  bool late_ = false;
  bool sent_ = false;
  HttpReply reply_;
  // The blank line after the headers has come.
  bool head_whole_ = false;
  bool too_large_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TRANSFER_H_
