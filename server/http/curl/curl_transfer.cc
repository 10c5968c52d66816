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
#include "server/telemetry/metrics.h"

namespace uid2 {
namespace {

// libcurl stores milliseconds in 31 bits; anything longer is practically unlimited.
constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 24);

CurlTransfer::TimePoint After(absl::Duration timeout, CurlTransfer::TimePoint now) {
  return now + absl::ToChronoNanoseconds(std::min(timeout, kLongestTimeout));
}

std::string NoConnection(absl::Duration timeout) {
  return absl::StrCat("no connection within ", absl::FormatDuration(timeout));
}

std::string HeaderValue(CURL* handle, const char* name) {
  curl_header* header = nullptr;
  constexpr int kLastRequest = -1;
  if (curl_easy_header(handle, name, 0, CURLH_HEADER, kLastRequest, &header) != CURLHE_OK) {
    return "";
  }
  return header->value;
}

template <typename Value>
Value Info(CURL* handle, CURLINFO info) {
  Value value = {};
  // Fails only if libcurl does not know `info`; the value then stays unchanged.
  (void)curl_easy_getinfo(handle, info, &value);
  return value;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlTransfer>> CurlTransfer::New(
    CurlTransferSetup& setup, const HttpTarget& target,
    std::shared_ptr<const CurlHeaderList> headers) {
  absl::StatusOr<CurlHandle> handle = CurlHandle::New();
  if (!handle.ok()) return handle.status();
  auto transfer = absl::WrapUnique(new CurlTransfer(
      setup, std::move(headers), CurlHostEntry(target.url, setup.resolver), *std::move(handle)));
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
      handle_.Set<CURLOPT_HTTPHEADER>(headers_->get()),
      handle_.Set<CURLOPT_POST>(1L),
      handle_.Set<CURLOPT_PRIVATE>(static_cast<void*>(this)),
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
  call->set_transfer(this);
  call_ = std::move(call);
  sent_ = false;
  reply_ = HttpReply();
  head_whole_ = false;
  too_large_ = false;
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

absl::Status CurlTransfer::NotAddressed() const {
  if (connect_limit_ == time_limit_) return CurlError(CURLE_OPERATION_TIMEDOUT);
  return absl::UnavailableError(NoConnection(setup_.options.connect_timeout) +
                                ": the host's name is still being looked up");
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

absl::StatusOr<HttpReply> CurlTransfer::Outcome(CURLcode code, TimePoint now) {
  if (code == CURLE_OK) {
    // The connection ended within the headers, which libcurl treats as a reply without a body.
    if (!head_whole_) return CurlError(CURLE_PARTIAL_FILE, {});
    reply_.status = static_cast<int>(Info<long>(handle(), CURLINFO_RESPONSE_CODE));
    reply_.retry_after = HeaderValue(handle(), "Retry-After");
    reply_.date = HeaderValue(handle(), "Date");
    return std::move(reply_);
  }
  if (too_large_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the reply is larger than ", setup_.options.max_reply_bytes, " bytes"));
  }
  // libcurl has the same code for the connect timeout and the time limit.
  if (code == CURLE_OPERATION_TIMEDOUT && now < time_limit_) {
    return absl::UnavailableError(NoConnection(setup_.options.connect_timeout));
  }
  return CurlError(code, {.os_errno = static_cast<int>(Info<long>(handle(), CURLINFO_OS_ERRNO)),
                          .verify_result = Info<long>(handle(), CURLINFO_SSL_VERIFYRESULT)});
}

std::shared_ptr<HttpCall> CurlTransfer::End() {
  call_->set_transfer(nullptr);
  return std::move(call_);
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
  return CURL_PREREQFUNC_OK;
}

// Called for each line of the headers, and of the trailers of a chunked body.
size_t CurlTransfer::OnHeader(char* data, size_t size, size_t count, void* transfer) {
  CurlTransfer& self = *static_cast<CurlTransfer*>(transfer);
  const absl::string_view line(data, size * count);
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
