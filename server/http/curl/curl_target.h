// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_TARGET_H_
#define SERVER_HTTP_CURL_CURL_TARGET_H_

#include "server/http/curl/curl_header_list.h"
#include "server/http/target_timeouts.h"

namespace uid2 {

// What all transfers to one target share. Use it on the loop's thread only.
struct CurlTarget {
  CurlHeaderList headers;
  TargetTimeouts timeouts = {};
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_TARGET_H_
