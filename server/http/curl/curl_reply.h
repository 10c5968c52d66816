// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_REPLY_H_
#define SERVER_HTTP_CURL_CURL_REPLY_H_

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "server/http/curl/curl_handle.h"
#include "server/http/http_client.h"

namespace uid2 {

// Receives the replies of one handle, one at a time, and ends a transfer whose reply is too large.
// libcurl stores its address, so it must not move.
class CurlReply {
 public:
  // `max_body_bytes` is HttpClient's limit.
  explicit CurlReply(int64_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  CurlReply(const CurlReply&) = delete;
  CurlReply& operator=(const CurlReply&) = delete;

  // Makes `handle` deliver its replies here.
  absl::Status ReceiveFrom(CurlHandle& handle);

  // Forgets what was received. Call this before each transfer.
  void Clear();

  // Whether the blank line after the header has arrived.
  bool head_complete() const { return head_complete_; }

  // Why the transfer, which has ended with `code`, was ended from here or by libcurl's own limit
  // for a header; OK if it was not.
  absl::Status TooLarge(CURLcode code) const;

  // The reply of a transfer that has succeeded, without its peer.
  HttpReply Take(CURL* handle);

 private:
  static size_t OnHeader(char* data, size_t size, size_t count, void* reply);
  static size_t OnBody(char* data, size_t size, size_t count, void* reply);

  const int64_t max_body_bytes_;
  HttpReply reply_;
  size_t head_bytes_ = 0;
  bool head_complete_ = false;
  bool body_too_large_ = false;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_REPLY_H_
