// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_REQUEST_HEAD_H_
#define SERVER_HTTP_WIRE_REQUEST_HEAD_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/http/http_client.h"
#include "server/http/url.h"
#include "server/secrets/secret.h"

namespace uid2 {

// What all requests to one target begin with: the request line and the header. Immutable, and so
// thread-safe.
class RequestHead {
 public:
  // `url` is where the requests go, and `target` has their header fields. Fails with kInternal if
  // one of them is not exactly one field, or says how long a request is, which only its sender
  // knows. The message contains neither the URL nor a field.
  static absl::StatusOr<RequestHead> New(const Url& url, const HttpTarget& target);

  // Replaces `request` by a whole request with `body`. It contains the target's credential: wipe it
  // when it is sent.
  void Write(absl::string_view body, std::string& request) const;

 private:
  explicit RequestHead(Secret text) : text_(std::move(text)) {}

  // Ends where the length of the body belongs.
  Secret text_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_REQUEST_HEAD_H_
