// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_transfer.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/http/curl/curl_error.h"
#include "server/http/curl/curl_peer.h"
#include "server/http/curl/curl_proxy.h"
#include "server/http/http_client_options.h"

namespace uid2 {
namespace {

// libcurl stores milliseconds in 31 bits; anything longer is practically unlimited.
constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 24);

// An attempt that may take less time is not worth making.
constexpr std::chrono::milliseconds kShortestAttempt(150);

CurlTransfer::TimePoint After(absl::Duration timeout, CurlTransfer::TimePoint now) {
  return now + absl::ToChronoNanoseconds(std::min(timeout, kLongestTimeout));
}

std::string Within(absl::Duration timeout, absl::string_view missing) {
  return absl::StrCat(missing, " within ", absl::FormatDuration(timeout));
}

// Replies of a balancer, or of a server that wants no requests. Not 500, which a request can
// provoke.
bool IsGatewayError(int status) { return status >= 502 && status <= 504; }

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
  const CallContext& context = call->context();
  if (context.deadline() <= now) {
    return absl::DeadlineExceededError("the call's deadline has passed");
  }
  begun_ = now;
  time_limit_ = std::min(context.step_limit(), After(setup_.options.request_timeout, now));
  connect_limit_ = std::min(time_limit_, After(setup_.options.connect_timeout, now));
  launched_ = TimePoint::max();
  begun_mark_ = setup_.sockets.Mark();
  call->set_transfer(this);
  call_ = std::move(call);
  has_alternative_ = false;
  tried_.clear();
  sockets_.clear();
  sent_ = false;
  reply_.Clear();
  return absl::OkStatus();
}

absl::Status CurlTransfer::Address(TimePoint now) {
  // Rounded up, because 0 means no limit. One millisecond is added because libcurl rounds down and
  // may end a transfer a millisecond early, which would look like a connect timeout.
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(time_limit_ - now) +
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
  FollowPatience(now);
  return absl::OkStatus();
}

// Undoes what OnSend() has set for an earlier call.
absl::Status CurlTransfer::KeepConnection() {
  if (!misdirected_) return absl::OkStatus();
  misdirected_ = false;
  return handle_.Set<CURLOPT_FORBID_REUSE>(0L);
}

void CurlTransfer::FollowPatience(TimePoint now) {
  launched_ = now;
  has_alternative_ = host_entry_.HasAlternative(now);
  usual_ = shared_->reply_timeout.value();
  if (has_alternative_) usual_ += shared_->connect_timeout.value();
}

CurlTransfer::TimePoint CurlTransfer::patience_limit() const {
  if (launched_ == TimePoint::max() || !setup_.options.retried) return TimePoint::max();
  const auto left = call_->context().deadline() - launched_;
  const auto patience = std::max<TimePoint::duration>(left / 2, usual_);
  // Without time for another attempt, the end of this one would gain nothing.
  return left - patience < kShortestAttempt ? TimePoint::max() : launched_ + patience;
}

double CurlTransfer::WeightOfSilence(TimePoint now) const {
  const auto silence = now - (sent_ ? sent_at_ : begun_);
  const auto usual = (sent_ ? shared_->reply_timeout : shared_->connect_timeout).value();
  if (usual > usual.zero() && silence >= usual) return 1;
  const absl::Duration limit =
      sent_ ? setup_.options.request_timeout : setup_.options.connect_timeout;
  return std::min(1.0, absl::FDivDuration(absl::FromChrono(silence), limit));
}

void CurlTransfer::OnTimeout(TimePoint now) {
  if (!sent_) return shared_->connect_timeout.OnTimeout(now - begun_);
  shared_->reply_timeout.OnTimeout(now - sent_at_);
  // These may be as dead as the transfer's own.
  if (reused()) setup_.sockets.CutSilent(Peer(), begun_mark_, Multiplexes(setup_));
}

void CurlTransfer::ReportUnreached(absl::string_view peer, TimePoint now) {
  for (const std::string& tried : tried_) {
    if (tried != peer) host_entry_.OnFailure(tried, 1, now);
  }
}

HttpFailure CurlTransfer::Failed(HttpFailure failure, TimePoint now) {
  failure.peer = Peer();
  if (failure.peer.empty()) return failure;
  const absl::StatusCode code = failure.status.code();
  const bool silent =
      code == absl::StatusCode::kDeadlineExceeded || code == absl::StatusCode::kCancelled;
  const double weight = silent ? WeightOfSilence(now) : 1;
  if (code == absl::StatusCode::kDeadlineExceeded) OnTimeout(now);
  ReportUnreached(failure.peer, now);
  // Other failures are not the peer's.
  if (silent || code == absl::StatusCode::kUnavailable) {
    host_entry_.OnFailure(failure.peer, weight, now);
    call_->context().set_failed_peer(CurlHostEntry::IdOf(failure.peer));
  }
  // A retry goes to another address, whose certificate may be accepted.
  if (host_entry_.HasAlternative(now, failure.peer)) failure.certificate_fault = false;
  return failure;
}

HttpFailure CurlTransfer::NotAddressed() const {
  if (connect_limit_ == time_limit_) return CurlError(CURLE_OPERATION_TIMEDOUT);
  return {.status = absl::UnavailableError(Within(setup_.options.connect_timeout, "no connection") +
                                           ": the host's name is still being looked up")};
}

// The time for which the transfer has waited for addresses counts toward the connect timeout.
absl::Status CurlTransfer::FollowConnectLimit(TimePoint now) {
  const bool late = now != begun_;
  if (!late && !late_) return absl::OkStatus();
  late_ = late;
  return SetConnectTimeout(handle_,
                           setup_.options.connect_timeout - absl::FromChrono(now - begun_));
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
  shared_->reply_timeout.OnReply(now - sent_at_);
  HttpReply reply = reply_.Take(handle());
  reply.peer = Peer();
  ReportUnreached(reply.peer, now);
  if (IsGatewayError(reply.status)) {
    host_entry_.OnFailure(reply.peer, 1, now);
    call_->context().set_failed_peer(CurlHostEntry::IdOf(reply.peer));
  } else {
    host_entry_.OnSuccess(reply.peer, now);
  }
  return reply;
}

HttpFailure CurlTransfer::FailureOf(CURLcode code, TimePoint now) const {
  const absl::Status too_large = reply_.TooLarge(code);
  if (sent_ && !too_large.ok()) return {.status = too_large};
  // libcurl has the same code for the connect timeout and the time limit.
  if (code == CURLE_OPERATION_TIMEDOUT && now < time_limit_) {
    const bool tcp = !ConnectedPeer(handle()).empty();
    return {.status = absl::UnavailableError(Within(setup_.options.connect_timeout,
                                                    tcp ? "no TLS handshake" : "no connection"))};
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
  if (!connected.empty() || tried_.empty()) return connected;
  return tried_.back();
}

std::shared_ptr<HttpCall> CurlTransfer::End() {
  call_->set_transfer(nullptr);
  return std::move(call_);
}

curl_socket_t CurlTransfer::OnOpenSocket(void* transfer, curlsocktype /*purpose*/,
                                         curl_sockaddr* address) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  self.tried_.push_back(PeerAt(*address));
  self.sockets_.push_back(OpenSocket(self.setup_, *address, self.tried_.back(), self.metrics()));
  return self.sockets_.back();
}

// Called when libcurl has a connection and is about to send the request. This happens again if the
// first connection fails before the reply.
int CurlTransfer::OnSend(void* transfer, char* server, char* /*client*/, int /*server_port*/,
                         int /*client_port*/) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  const HttpTargetMetrics& metrics = self.metrics();
  metrics.requests_sent.Increment();
  if (self.sent_) metrics.requests_resent.Increment();
  self.sent_ = true;
  self.sent_at_ = std::chrono::steady_clock::now();
  if (!self.tried_.empty()) self.shared_->connect_timeout.OnReply(self.sent_at_ - self.begun_);
  self.CountConnection();
  // libcurl would reuse the connection for requests to the picked address.
  if (!self.host_entry_.IsPicked(server)) {
    self.misdirected_ = self.handle_.Set<CURLOPT_FORBID_REUSE>(1L).ok();
  }
  return CURL_PREREQFUNC_OK;
}

}  // namespace uid2
