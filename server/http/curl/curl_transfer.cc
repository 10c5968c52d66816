// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/http/curl/curl_error.h"
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

// libcurl stores milliseconds in 31 bits; anything longer is practically unlimited.
constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 24);

// An attempt that may take less time is not worth making.
constexpr std::chrono::milliseconds kShortestAttempt(150);

// In bytes. An operator sends a few hundred.
constexpr size_t kLongestHead = 65536;

CurlTransfer::TimePoint After(absl::Duration timeout, CurlTransfer::TimePoint now) {
  return now + absl::ToChronoNanoseconds(std::min(timeout, kLongestTimeout));
}

std::string Within(absl::Duration timeout, absl::string_view missing) {
  return absl::StrCat(missing, " within ", absl::FormatDuration(timeout));
}

std::string HeaderValue(CURL* handle, const char* name) {
  curl_header* header = nullptr;
  constexpr int kLastRequest = -1;
  if (curl_easy_header(handle, name, 0, CURLH_HEADER, kLastRequest, &header) != CURLHE_OK) {
    return "";
  }
  return header->value;
}

std::string WithPort(absl::string_view ip, long port) {  // NOLINT(runtime/int): libcurl's type
  return absl::StrContains(ip, ':') ? absl::StrCat("[", ip, "]:", port)
                                    : absl::StrCat(ip, ":", port);
}

std::string TextOf(const curl_sockaddr& address) {
  char text[INET6_ADDRSTRLEN];
  if (address.family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.addr);
    if (inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text)) == nullptr) return "";
    return WithPort(text, ntohs(v4.sin_port));
  }
  if (address.family != AF_INET6) return "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.addr);
  if (inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text)) == nullptr) return "";
  return WithPort(text, ntohs(v6.sin6_port));
}

template <typename Value>
Value Info(CURL* handle, CURLINFO info) {
  Value value = {};
  // Fails only if libcurl does not know `info`; the value then stays unchanged.
  (void)curl_easy_getinfo(handle, info, &value);
  return value;
}

// The address to which TCP is connected; empty while there is none.
const char* PrimaryIp(CURL* handle) {
  const char* const ip = Info<const char*>(handle, CURLINFO_PRIMARY_IP);
  return ip == nullptr ? "" : ip;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlTransfer>> CurlTransfer::New(
    CurlTransferSetup& setup, const HttpTarget& target, std::shared_ptr<CurlTarget> shared) {
  absl::StatusOr<CurlHandle> handle = CurlHandle::New();
  if (!handle.ok()) return handle.status();
  auto transfer = absl::WrapUnique(new CurlTransfer(
      setup, std::move(shared), CurlHostEntry(target.url, setup.resolver), *std::move(handle)));
  absl::Status status = Configure(transfer->handle_, setup);
  if (status.ok()) status = transfer->ConfigureFor(target);
  if (!status.ok()) return status;
  return transfer;
}

absl::Status CurlTransfer::ConfigureFor(const HttpTarget& target) {
  if (!absl::StartsWith(target.url, "http://") && !absl::StartsWith(target.url, "https://")) {
    return absl::InternalError("the URL's scheme is neither http nor https");
  }
  const absl::Status results[] = {
      handle_.Set<CURLOPT_URL>(target.url.c_str()),
      handle_.Set<CURLOPT_HTTPHEADER>(shared_->headers.get()),
      handle_.Set<CURLOPT_POST>(1L),
      handle_.Set<CURLOPT_PRIVATE>(static_cast<void*>(this)),
      handle_.Set<CURLOPT_ERRORBUFFER>(error_text_.data()),
      handle_.Set<CURLOPT_OPENSOCKETFUNCTION>(&CurlTransfer::OnOpenSocket),
      handle_.Set<CURLOPT_OPENSOCKETDATA>(static_cast<void*>(this)),
      handle_.Set<CURLOPT_PREREQFUNCTION>(&CurlTransfer::OnSend),
      handle_.Set<CURLOPT_PREREQDATA>(static_cast<void*>(this)),
      handle_.Set<CURLOPT_HEADERFUNCTION>(&CurlTransfer::OnHeader),
      handle_.Set<CURLOPT_HEADERDATA>(static_cast<void*>(this)),
      handle_.Set<CURLOPT_WRITEFUNCTION>(&CurlTransfer::OnBody),
      handle_.Set<CURLOPT_WRITEDATA>(static_cast<void*>(this)),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

CurlTransfer& CurlTransfer::Of(CURL* handle) {
  return *reinterpret_cast<CurlTransfer*>(Info<char*>(handle, CURLINFO_PRIVATE));
}

absl::Status CurlTransfer::Begin(std::shared_ptr<HttpCall> call, TimePoint now) {
  const CallContext& context = call->context();
  if (context.deadline() <= now) {
    return absl::DeadlineExceededError("the call's deadline has passed");
  }
  begun_ = now;
  time_limit_ = std::min(context.step_limit(), After(setup_.options.request_timeout, now));
  connect_limit_ = std::min(time_limit_, After(setup_.options.connect_timeout, now));
  patience_limit_ = TimePoint::max();
  begun_mark_ = setup_.sockets.Mark();
  call->set_transfer(this);
  call_ = std::move(call);
  opened_.clear();
  sent_ = false;
  reply_ = HttpReply();
  head_bytes_ = 0;
  head_whole_ = false;
  too_large_ = false;
  return absl::OkStatus();
}

absl::Status CurlTransfer::Address(TimePoint now) {
  // Rounded up, because 0 means no limit. One millisecond is added because libcurl rounds down and
  // may end a transfer a millisecond early, which would look like a connect timeout.
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(time_limit_ - now) +
                     std::chrono::milliseconds(1);
  FollowPatience(now);
  const std::string& body = call_->request().body;
  const absl::Status results[] = {
      FollowTrustStore(),
      FollowConnectLimit(now),
      host_entry_.Use(now, handle_),
      handle_.Set<CURLOPT_TIMEOUT_MS>(static_cast<long>(limit.count())),
      // Not copied: the call keeps the body until its callback runs, when libcurl no longer needs
      // it.
      handle_.Set<CURLOPT_POSTFIELDS>(body.data()),
      handle_.Set<CURLOPT_POSTFIELDSIZE>(static_cast<long>(body.size())),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

void CurlTransfer::FollowPatience(TimePoint now) {
  const auto left = call_->context().deadline() - now;
  const auto patience =
      std::max<CallContext::TimePoint::duration>(left / 2, shared_->reply_timeout.value());
  // Without time for another attempt, the end of this one would gain nothing.
  patience_limit_ = left - patience < kShortestAttempt ? TimePoint::max() : now + patience;
}

void CurlTransfer::OnTimeout(TimePoint now) {
  if (!sent_) return;
  shared_->reply_timeout.OnTimeout(now - sent_at_);
  if (in_doubt()) setup_.sockets.CutSilent(Peer(), begun_mark_);
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
  if (Info<long>(handle(), CURLINFO_NUM_CONNECTS) == 0) return absl::nullopt;
  curl_socket_t fd = CURL_SOCKET_BAD;
  // This searches all connections, so it is not done for every request.
  if (curl_easy_getinfo(handle(), CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK) return absl::nullopt;
  return fd == CURL_SOCKET_BAD ? absl::nullopt : absl::make_optional<int>(fd);
}

HttpResult CurlTransfer::Outcome(CURLcode code, TimePoint now) {
  // If the connection ends within the headers, libcurl treats that as a reply without a body.
  if (code == CURLE_OK && !head_whole_) code = CURLE_PARTIAL_FILE;
  if (code != CURLE_OK) {
    HttpFailure failure = FailureOf(code, now);
    failure.peer = Peer();
    if (absl::IsDeadlineExceeded(failure.status)) OnTimeout(now);
    return failure;
  }
  shared_->reply_timeout.OnReply(now - sent_at_);
  reply_.status = static_cast<int>(Info<long>(handle(), CURLINFO_RESPONSE_CODE));
  reply_.retry_after = HeaderValue(handle(), "Retry-After");
  reply_.date = HeaderValue(handle(), "Date");
  reply_.peer = Peer();
  return std::move(reply_);
}

HttpFailure CurlTransfer::FailureOf(CURLcode code, TimePoint now) const {
  if (too_large_) {
    return {.status = absl::ResourceExhaustedError(absl::StrCat(
                "the reply is larger than ", setup_.options.max_reply_bytes, " bytes"))};
  }
  // libcurl has the same code for the connect timeout and the time limit.
  if (code == CURLE_OPERATION_TIMEDOUT && now < time_limit_) {
    return {.status = absl::UnavailableError(
                Within(setup_.options.connect_timeout,
                       *PrimaryIp(handle()) == '\0' ? "no connection" : "no TLS handshake"))};
  }
  // For libcurl, which keeps an incomplete line itself, a line of more than 100 KB is a lack of
  // memory.
  if (head_bytes_ > kLongestHead || (code == CURLE_OUT_OF_MEMORY && sent_ && !head_whole_)) {
    return {.status = absl::ResourceExhaustedError(
                absl::StrCat("the reply's header is larger than ", kLongestHead, " bytes"))};
  }
  return CurlError(code, {.os_errno = static_cast<int>(Info<long>(handle(), CURLINFO_OS_ERRNO)),
                          .verify_result = Info<long>(handle(), CURLINFO_SSL_VERIFYRESULT),
                          .text = error_text_.data()});
}

std::string CurlTransfer::Peer() const {
  const char* const ip = PrimaryIp(handle());
  if (*ip == '\0') return opened_;
  return WithPort(ip, Info<long>(handle(), CURLINFO_PRIMARY_PORT));
}

std::shared_ptr<HttpCall> CurlTransfer::End() {
  call_->set_transfer(nullptr);
  return std::move(call_);
}

curl_socket_t CurlTransfer::OnOpenSocket(void* transfer, curlsocktype /*purpose*/,
                                         curl_sockaddr* address) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  self.opened_ = TextOf(*address);
  return OpenSocket(self.setup_, *address, self.opened_);
}

// Called when libcurl has a connection and is about to send the request. This happens again if the
// first connection fails before the reply.
int CurlTransfer::OnSend(void* transfer, char* /*server*/, char* /*client*/, int /*server_port*/,
                         int /*client_port*/) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  const HttpMetrics& metrics = self.setup_.metrics;
  metrics.requests_sent.Increment();
  if (self.sent_) metrics.requests_resent.Increment();
  self.sent_ = true;
  self.sent_at_ = std::chrono::steady_clock::now();
  return CURL_PREREQFUNC_OK;
}

// Called for each line of the headers, and of the trailers of a chunked body.
size_t CurlTransfer::OnHeader(char* data, size_t size, size_t count, void* transfer) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  const absl::string_view line(data, size * count);
  self.head_bytes_ += line.size();
  if (self.head_bytes_ > kLongestHead) return 0;
  if (absl::StartsWith(line, "HTTP/")) {
    // After an interim response, this is the first line of the final one.
    self.head_whole_ = false;
  } else if (line == "\r\n" || line == "\n") {
    self.head_whole_ = true;
  }
  return size * count;
}

size_t CurlTransfer::OnBody(char* data, size_t size, size_t count, void* transfer) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  const size_t bytes = size * count;
  std::string& body = self.reply_.body;
  if (bytes > static_cast<size_t>(self.setup_.options.max_reply_bytes) - body.size()) {
    self.too_large_ = true;
    // Any value other than `bytes` makes libcurl end the transfer and close its connection.
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

}  // namespace uid2
