// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_version.h"

#include <curl/curl.h>

namespace uid2 {

absl::string_view CurlVersion() { return curl_version_info(CURLVERSION_NOW)->version; }

}  // namespace uid2
