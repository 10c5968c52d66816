// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HANDLE_H_
#define SERVER_HTTP_CURL_CURL_HANDLE_H_

#include <curl/curl.h>

#include <memory>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace uid2 {

// Owns a libcurl easy handle. It must not be in a multi handle when it is destroyed.
class CurlHandle {
 public:
  static absl::StatusOr<CurlHandle> New();

  CURL* get() const { return handle_.get(); }

  // Sets one option. libcurl's function is variadic and converts nothing, so it would read past the
  // end of an int that is passed for a long. Here, a value of the wrong type does not compile.
  template <CURLoption kOption, typename Value>
  absl::Status Set(Value value) {
    constexpr int kKind = static_cast<int>(kOption) / 10000 * 10000;
    if constexpr (kKind == CURLOPTTYPE_LONG) {
      static_assert(std::is_same_v<Value, long>);  // NOLINT(runtime/int)
    } else if constexpr (kKind == CURLOPTTYPE_OBJECTPOINT) {
      static_assert(std::is_pointer_v<Value> || std::is_null_pointer_v<Value>);
    } else if constexpr (kKind == CURLOPTTYPE_FUNCTIONPOINT) {
      static_assert(std::is_function_v<std::remove_pointer_t<Value>>);
    } else {
      static_assert(kKind == CURLOPTTYPE_OFF_T && std::is_same_v<Value, curl_off_t>);
    }
    return Checked(kOption, curl_easy_setopt(get(), kOption, value));
  }

 private:
  struct Cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  explicit CurlHandle(std::unique_ptr<CURL, Cleanup> handle) : handle_(std::move(handle)) {}

  static absl::Status Checked(CURLoption option, CURLcode code);

  std::unique_ptr<CURL, Cleanup> handle_;
};

// A fact about the last transfer of `handle`; `Value` must be the type that libcurl's manual
// states.
template <typename Value>
Value CurlInfo(CURL* handle, CURLINFO info) {
  Value value = {};
  // Fails only if libcurl does not know `info`; the value then stays unchanged.
  (void)curl_easy_getinfo(handle, info, &value);
  return value;
}

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HANDLE_H_
