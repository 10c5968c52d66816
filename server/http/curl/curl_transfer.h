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

// One request and its reply through libcurl, again and again for the calls of one target: the
// handle stays configured, and only body and time limit change. For the loop's thread. libcurl
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

  // When it has to be over, at the latest. While the transfer is under way.
  TimePoint time_limit() const { return time_limit_; }

  // Takes `call`, whose time runs from `now`. kDeadlineExceeded where it has passed.
  absl::Status Begin(std::shared_ptr<HttpCall> call, TimePoint now);

  // Whether the addresses of its host are known; false: the resolver will have an answer.
  bool HasAddress(TimePoint now) { return host_entry_.Known(now); }

  // Null where its URL has an address.
  const std::shared_ptr<HostResolver::Host>& host() const { return host_entry_.host(); }

  // Until when it may wait for an address: its own time limit, or that for its connection.
  TimePoint connect_limit() const { return connect_limit_; }

  // Makes ready to send its call's request, with an address and before connect_limit(). kInternal
  // where libcurl refuses it.
  absl::Status Address(TimePoint now);

  // Why its call fails that has waited until connect_limit() for addresses.
  absl::Status NotAddressed() const;

  // As OutliveTrustStore() says. While the transfer is under way.
  absl::Status OutliveTrustStore() { return uid2::OutliveTrustStore(handle_); }

  // The socket of the connection that it has made and left for others; nothing where it has used
  // one that was there, or closed it. Once libcurl says that it is over, before End().
  absl::optional<int> NewSocket() const;

  // What has become of it, once libcurl says that it is over, with `code`.
  absl::StatusOr<HttpReply> Outcome(CURLcode code, TimePoint now);

  // Its call, for which nothing more will be done.
  std::shared_ptr<HttpCall> End();

  // Where the transfer is among those that its loop runs: the loop's own note.
  size_t position = 0;

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
  // Which one it has been configured for.
  uint64_t trust_store_id_;

  std::shared_ptr<HttpCall> call_;
  TimePoint begun_;
  TimePoint time_limit_;
  TimePoint connect_limit_;
  // Less time for a connection than other transfers have.
  bool late_ = false;
  bool sent_ = false;
  HttpReply reply_;
  // The blank line after the headers has come.
  bool head_whole_ = false;
  bool too_large_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TRANSFER_H_
