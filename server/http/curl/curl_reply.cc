// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_reply.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/http/reply_size.h"

namespace uid2 {
namespace {

std::string HeaderValue(CURL* handle, const char* name) {
  curl_header* header = nullptr;
  constexpr int kLastRequest = -1;
  if (curl_easy_header(handle, name, 0, CURLH_HEADER, kLastRequest, &header) != CURLHE_OK) {
    return "";
  }
  // libcurl 7.88.1 leaves the carriage return if the value is empty.
  return std::string(absl::StripTrailingAsciiWhitespace(header->value));
}

}  // namespace

absl::Status CurlReply::ReceiveFrom(CurlHandle& handle) {
  const absl::Status results[] = {
      handle.Set<CURLOPT_HEADERFUNCTION>(&CurlReply::OnHeader),
      handle.Set<CURLOPT_HEADERDATA>(static_cast<void*>(this)),
      handle.Set<CURLOPT_WRITEFUNCTION>(&CurlReply::OnBody),
      handle.Set<CURLOPT_WRITEDATA>(static_cast<void*>(this)),
  };
  for (const absl::Status& result : results) {
    if (!result.ok()) return result;
  }
  return absl::OkStatus();
}

void CurlReply::Clear() {
  reply_ = HttpReply();
  head_bytes_ = 0;
  head_complete_ = false;
  body_too_large_ = false;
}

absl::Status CurlReply::TooLarge(CURLcode code) const {
  if (body_too_large_) return ReplyTooLarge(max_body_bytes_);
  // libcurl, which keeps an incomplete line itself, calls one of more than 100 KB a lack of memory.
  if (head_bytes_ > kMaxReplyHeadBytes || (code == CURLE_OUT_OF_MEMORY && !head_complete_)) {
    return ReplyHeadTooLarge();
  }
  return absl::OkStatus();
}

HttpReply CurlReply::Take(CURL* handle) {
  reply_.status = static_cast<int>(CurlInfo<long>(handle, CURLINFO_RESPONSE_CODE));
  reply_.retry_after = HeaderValue(handle, "Retry-After");
  reply_.date = HeaderValue(handle, "Date");
  return std::move(reply_);
}

// Called for each line of the headers, and of the trailers of a chunked body.
size_t CurlReply::OnHeader(char* data, size_t size, size_t count, void* reply) {
  CurlReply& self = *static_cast<CurlReply*>(reply);
  const absl::string_view line(data, size * count);
  self.head_bytes_ += line.size();
  // Any other value than the size makes libcurl end the transfer and close its connection.
  if (self.head_bytes_ > kMaxReplyHeadBytes) return 0;
  if (absl::StartsWith(line, "HTTP/")) {
    // After an interim response, this is the first line of the final one.
    self.head_complete_ = false;
  } else if (line == "\r\n" || line == "\n") {
    self.head_complete_ = true;
  }
  return line.size();
}

size_t CurlReply::OnBody(char* data, size_t size, size_t count, void* reply) {
  CurlReply& self = *static_cast<CurlReply*>(reply);
  const size_t bytes = size * count;
  std::string& body = self.reply_.body;
  if (bytes > static_cast<size_t>(self.max_body_bytes_) - body.size()) {
    self.body_too_large_ = true;
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

}  // namespace uid2
