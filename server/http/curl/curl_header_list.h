// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HEADER_LIST_H_
#define SERVER_HTTP_CURL_CURL_HEADER_LIST_H_

#include <curl/curl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/secrets/secret.h"

namespace uid2 {

// Request header fields in libcurl's format.
class CurlHeaderList {
 public:
  // Both arguments are as in HttpTarget. Fails with kInternal if libcurl would not send exactly one
  // field for each: a line end would begin another field, and a field without a value would remove
  // one.
  static absl::StatusOr<CurlHeaderList> New(const std::vector<std::string>& fields,
                                            const Secret* secret_field = nullptr);

  // Owned by this object, which must live as long as a handle uses the result.
  curl_slist* get() const { return list_.get(); }

 private:
  // Wipes the fields.
  struct Free {
    void operator()(curl_slist* list) const;
  };
  using List = std::unique_ptr<curl_slist, Free>;

  explicit CurlHeaderList(List list) : list_(std::move(list)) {}

  List list_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HEADER_LIST_H_
