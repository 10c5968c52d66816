// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_HTTP_CLIENT_H_
#define SERVER_HTTP_HTTP_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/types/variant.h"
#include "server/call/call_context.h"
#include "server/secrets/secret.h"
#include "server/telemetry/http_target_metrics.h"

namespace uid2 {

// What all requests to one URL have in common.
struct HttpTarget {
  // An absolute URL with a path.
  std::string url;
  // Header fields such as "Content-Type: text/plain", each in one string without line ends.
  std::vector<std::string> headers;
  // One more field, which holds a credential. May be null.
  std::shared_ptr<const Secret> secret_header = nullptr;
  // Where the requests are counted; by default, nowhere.
  HttpTargetMetrics metrics = {};
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
  // Who replied, as in HttpFailure.
  std::string peer;
};

// No complete reply has arrived.
struct HttpFailure {
  // Never OK:
  // - kUnavailable: no connection (name, TCP, TLS), or it failed before the reply was complete
  // - kDeadlineExceeded: the time limit of the request or the deadline of the call has passed
  // - kCancelled: the caller has gone away
  // - kResourceExhausted: the reply is larger than the limit
  // - kInternal: the request could not be made
  // The message is short and describes the cause without the URL, headers or body.
  absl::Status status;
  // The address and port that the request was sent to, or the last to which a connection was tried:
  // "192.0.2.1:443", "[2001:db8::1]:443". Empty if there was none.
  std::string peer = {};
  // kUnavailable because one side does not accept the other's certificate: a retry does not help.
  bool certificate_fault = false;
};

using HttpResult = absl::variant<HttpReply, HttpFailure>;

// Sends HTTP requests. Fails only if no complete reply arrived.
//
// Redirects are not followed, and TLS peers are always verified. A POST may reach the server twice
// if a reused connection dies before the first byte of its reply.
class HttpClient {
 public:
  // Runs exactly once, on a thread of the client, never inside Post(). It must not block.
  using Callback = absl::AnyInvocable<void(HttpResult) &&>;

  virtual ~HttpClient() = default;

  // Never blocks. `context` must live until `done` has run. Thread-safe.
  virtual void Post(HttpRequest request, CallContext& context, Callback done) = 0;
};

}  // namespace uid2

#endif  // SERVER_HTTP_HTTP_CLIENT_H_
