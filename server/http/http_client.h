// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_HTTP_CLIENT_H_
#define SERVER_HTTP_HTTP_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/call/call_context.h"

namespace uid2 {

// What all requests to one URL have in common.
struct HttpTarget {
  // An absolute URL with a path.
  std::string url;
  // Header fields such as "Authorization: Bearer ...", each in one string without line ends.
  std::vector<std::string> headers;
};

struct HttpRequest {
  std::shared_ptr<const HttpTarget> target;
  std::string body;
};

// Any HTTP status is a reply; the caller decides what it means.
struct HttpReply {
  int status = 0;
  // Complete, as far as HTTP can tell: a reply that is cut off or exceeds the size limit is a
  // failure. If the end of the connection marks the end of the reply, as HTTP/1.0 allows, only the
  // content can show whether the reply is complete.
  std::string body;
  // The header fields as received; empty if absent.
  std::string retry_after;
  std::string date;
};

// Sends HTTP requests. Fails only if no complete reply arrived:
//   kUnavailable        no connection (name, TCP, TLS), or it failed before the reply was complete
//   kDeadlineExceeded   the time limit of the request or the deadline of the call has passed
//   kCancelled          the caller has gone away
//   kResourceExhausted  the reply is larger than the limit
//   kInternal           the request could not be made
// Messages describe the cause without the URL, headers or body.
//
// Redirects are not followed, and TLS peers are always verified. A POST may reach the server twice
// if a reused connection dies before the first byte of its reply.
class HttpClient {
 public:
  // Runs exactly once, on a thread of the client, never inside Post(). It must not block.
  using Callback = absl::AnyInvocable<void(absl::StatusOr<HttpReply>) &&>;

  virtual ~HttpClient() = default;

  // Never blocks. `context` must live until `done` has run. Thread-safe.
  virtual void Post(HttpRequest request, CallContext& context, Callback done) = 0;
};

}  // namespace uid2

#endif  // SERVER_HTTP_HTTP_CLIENT_H_
