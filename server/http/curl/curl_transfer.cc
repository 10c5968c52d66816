// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_transfer.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "server/http/curl/curl_error.h"
#include "server/http/curl/curl_peer.h"
#include "server/http/curl/curl_proxy.h"
#include "server/http/http_client_options.h"

namespace uid2 {
namespace {

// Of the host to which libcurl connects.
CurlHostEntry HostEntryFor(const HttpTarget& target, const CurlTransferSetup& setup) {
  const bool proxied = UsesProxy(target.url, setup.options);
  return CurlHostEntry(proxied ? setup.options.proxy_url : target.url,
                       proxied ? CurlHostEntry::Role::kProxy : CurlHostEntry::Role::kServer,
                       setup.resolver, setup.sockets);
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlTransfer>> CurlTransfer::New(
    CurlTransferSetup& setup, const HttpTarget& target, std::shared_ptr<CurlTarget> shared) {
  absl::StatusOr<CurlHandle> handle = CurlHandle::New();
  if (!handle.ok()) return handle.status();
  auto transfer = absl::WrapUnique(
      new CurlTransfer(setup, std::move(shared), HostEntryFor(target, setup), *std::move(handle)));
  absl::Status status = Configure(transfer->handle_, setup);
  if (status.ok()) status = transfer->ConfigureFor(target);
  if (!status.ok()) return status;
  return transfer;
}

absl::Status CurlTransfer::ConfigureFor(const HttpTarget& target) {
  if (!absl::StartsWith(target.url, "http://") && !absl::StartsWith(target.url, "https://")) {
    return absl::InternalError("the URL's scheme is neither http nor https");
  }
  proxied_ = UsesProxy(target.url, setup_.options);
  const absl::Status results[] = {
      handle_.Set<CURLOPT_URL>(target.url.c_str()),
      handle_.Set<CURLOPT_HTTPHEADER>(shared_->headers.get()),
      handle_.Set<CURLOPT_POST>(1L),
      proxied_ ? TunnelThroughProxy(handle_, setup_.options) : UseNoProxy(handle_),
      handle_.Set<CURLOPT_PRIVATE>(static_cast<void*>(this)),
      handle_.Set<CURLOPT_ERRORBUFFER>(error_text_.data()),
      handle_.Set<CURLOPT_OPENSOCKETFUNCTION>(&CurlTransfer::OnOpenSocket),
      handle_.Set<CURLOPT_OPENSOCKETDATA>(static_cast<void*>(this)),
      handle_.Set<CURLOPT_PREREQFUNCTION>(&CurlTransfer::OnSend),
      handle_.Set<CURLOPT_PREREQDATA>(static_cast<void*>(this)),
      reply_.ReceiveFrom(handle_),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

CurlTransfer& CurlTransfer::Of(CURL* handle) {
  return *reinterpret_cast<CurlTransfer*>(CurlInfo<char*>(handle, CURLINFO_PRIVATE));
}

absl::Status CurlTransfer::Begin(std::shared_ptr<HttpCall> call, TimePoint now) {
  if (absl::Status status = attempt_.Begin(call->context(), now); !status.ok()) return status;
  begun_mark_ = setup_.sockets.Mark();
  call->set_transfer(this);
  call_ = std::move(call);
  sockets_.clear();
  reply_.Clear();
  return absl::OkStatus();
}

absl::Status CurlTransfer::Address(TimePoint now) {
  // Rounded up, because 0 means no limit. One millisecond is added because libcurl rounds down and
  // may end a transfer a millisecond early, which would look like a connect timeout.
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(time_limit() - now) +
                     std::chrono::milliseconds(1);
  const std::string& body = call_->request().body;
  const absl::Status results[] = {
      FollowTrustStore(),
      FollowConnectLimit(now),
      host_entry_.Use(now, call_->context().failed_peer(), handle_),
      KeepConnection(),
      handle_.Set<CURLOPT_TIMEOUT_MS>(static_cast<long>(limit.count())),
      // Not copied: the call keeps the body until its callback runs, when libcurl no longer needs
      // it.
      handle_.Set<CURLOPT_POSTFIELDS>(body.data()),
      handle_.Set<CURLOPT_POSTFIELDSIZE>(static_cast<long>(body.size())),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  const bool has_alternative = host_entry_.HasAlternative(now);
  attempt_.Launch(now, has_alternative, shared_->timeouts.Usual(has_alternative));
  return absl::OkStatus();
}

// Undoes what OnSend() has set for an earlier call.
absl::Status CurlTransfer::KeepConnection() {
  if (!misdirected_) return absl::OkStatus();
  misdirected_ = false;
  return handle_.Set<CURLOPT_FORBID_REUSE>(0L);
}

HttpFailure CurlTransfer::Failed(HttpFailure failure, TimePoint now) {
  failure.peer = Peer();
  if (absl::IsDeadlineExceeded(failure.status) && attempt_.reused()) {
    // These may be as dead as the transfer's own.
    setup_.sockets.CutSilent(failure.peer, begun_mark_, Multiplexes(setup_));
  }
  return attempt_.Failed(std::move(failure), now, call_->context(), host_entry_, shared_->timeouts);
}

// The time for which the transfer has waited for addresses counts toward the connect timeout.
absl::Status CurlTransfer::FollowConnectLimit(TimePoint now) {
  const bool late = now != attempt_.begun();
  if (!late && !late_) return absl::OkStatus();
  late_ = late;
  return SetConnectTimeout(
      handle_, setup_.options.connect_timeout - absl::FromChrono(now - attempt_.begun()));
}

absl::Status CurlTransfer::FollowTrustStore() {
  const uint64_t id = setup_.trust_store->id();
  if (id == trust_store_id_) return absl::OkStatus();
  trust_store_id_ = id;
  return UseTrustStore(handle_, setup_);
}

absl::optional<int> CurlTransfer::NewSocket() const {
  if (CurlInfo<long>(handle(), CURLINFO_NUM_CONNECTS) == 0) return absl::nullopt;
  curl_socket_t fd = CURL_SOCKET_BAD;
  // This searches all connections, so it is not done for every request.
  if (curl_easy_getinfo(handle(), CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK) return absl::nullopt;
  return fd == CURL_SOCKET_BAD ? absl::nullopt : absl::make_optional<int>(fd);
}

HttpResult CurlTransfer::Outcome(CURLcode code, TimePoint now) {
  // If the connection ends within the headers, libcurl treats that as a reply without a body.
  if (code == CURLE_OK && !reply_.head_complete()) code = CURLE_PARTIAL_FILE;
  if (code != CURLE_OK) return Failed(FailureOf(code, now), now);
  HttpReply reply = reply_.Take(handle());
  reply.peer = Peer();
  attempt_.Replied(reply, now, call_->context(), host_entry_, shared_->timeouts);
  return reply;
}

HttpFailure CurlTransfer::FailureOf(CURLcode code, TimePoint now) const {
  const absl::Status too_large = reply_.TooLarge(code);
  if (attempt_.sent() && !too_large.ok()) return {.status = too_large};
  // libcurl has the same code for the connect timeout and the time limit.
  if (code == CURLE_OPERATION_TIMEDOUT && now < time_limit()) {
    return attempt_.NotConnected(/*tcp=*/!ConnectedPeer(handle()).empty());
  }
  return CurlError(
      code, {.proxied = proxied_,
             .proxy_status = static_cast<int>(CurlInfo<long>(handle(), CURLINFO_HTTP_CONNECTCODE)),
             .proxy_verify_result = CurlInfo<long>(handle(), CURLINFO_PROXY_SSL_VERIFYRESULT),
             .os_errno = static_cast<int>(CurlInfo<long>(handle(), CURLINFO_OS_ERRNO)),
             .verify_result = CurlInfo<long>(handle(), CURLINFO_SSL_VERIFYRESULT),
             .text = error_text_.data()});
}

std::string CurlTransfer::Peer() const {
  std::string connected = ConnectedPeer(handle());
  if (!connected.empty() || attempt_.tried().empty()) return connected;
  return attempt_.tried().back();
}

std::shared_ptr<HttpCall> CurlTransfer::End() {
  call_->set_transfer(nullptr);
  return std::move(call_);
}

curl_socket_t CurlTransfer::OnOpenSocket(void* transfer, curlsocktype /*purpose*/,
                                         curl_sockaddr* address) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  self.attempt_.OnTry(PeerAt(*address));
  self.sockets_.push_back(
      OpenSocket(self.setup_, *address, self.attempt_.tried().back(), self.metrics()));
  return self.sockets_.back();
}

// Called when libcurl has a connection and is about to send the request. This happens again if the
// first connection fails before the reply. The types are those of CURLOPT_PREREQFUNCTION.
// NOLINTNEXTLINE(readability-non-const-parameter)
int CurlTransfer::OnSend(void* transfer, char* server, char* /*client*/, int /*server_port*/,
                         int /*client_port*/) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  const HttpTargetMetrics& metrics = self.metrics();
  metrics.requests_sent.Increment();
  if (self.attempt_.sent()) metrics.requests_resent.Increment();
  self.attempt_.OnSend(std::chrono::steady_clock::now(), self.shared_->timeouts);
  self.CountConnection();
  // libcurl would reuse the connection for requests to the picked address.
  if (!self.host_entry_.IsPicked(server)) {
    self.misdirected_ = self.handle_.Set<CURLOPT_FORBID_REUSE>(1L).ok();
  }
  return CURL_PREREQFUNC_OK;
}

}  // namespace uid2
