// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HEADER_LIST_H_
#define SERVER_HTTP_CURL_CURL_HEADER_LIST_H_

#include <curl/curl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace uid2 {

// Request header fields in libcurl's format.
class CurlHeaderList {
 public:
  // `fields` are as in HttpTarget. Fails with kInternal if libcurl would not send exactly one field
  // for each: a line end would begin another field, and a field without a value would remove one.
  static absl::StatusOr<CurlHeaderList> New(const std::vector<std::string>& fields);

  // Owned by this object, which must live as long as a handle uses the result.
  curl_slist* get() const { return list_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, Free>;

  explicit CurlHeaderList(List list) : list_(std::move(list)) {}

  List list_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HEADER_LIST_H_
