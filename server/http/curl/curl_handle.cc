// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_handle.h"

#include "absl/base/optimization.h"
#include "absl/strings/str_cat.h"

namespace uid2 {

absl::StatusOr<CurlHandle> CurlHandle::New() {
  std::unique_ptr<CURL, Cleanup> handle(curl_easy_init());
  if (handle == nullptr) return absl::InternalError("libcurl makes no handle");
  return CurlHandle(std::move(handle));
}

absl::Status CurlHandle::Checked(CURLoption option, CURLcode code) {
  if (ABSL_PREDICT_TRUE(code == CURLE_OK)) return absl::OkStatus();
  const curl_easyoption* const known = curl_easy_option_by_id(option);
  return absl::InternalError(absl::StrCat("libcurl refuses option ",
                                          known == nullptr ? "(unknown)" : known->name, ": ",
                                          curl_easy_strerror(code)));
}

}  // namespace uid2
