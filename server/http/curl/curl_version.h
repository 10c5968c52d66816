// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_VERSION_H_
#define SERVER_HTTP_CURL_CURL_VERSION_H_

#include "absl/strings/string_view.h"

namespace uid2 {

// Returns the version of the libcurl that is loaded, such as "7.88.1".
absl::string_view CurlVersion();

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_VERSION_H_
