// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_HTTP_TRANSPORT_H_
#define SERVER_HTTP_HTTP_TRANSPORT_H_

#include <memory>

#include "server/call/timers.h"
#include "server/http/http_client.h"
#include "server/http/tls/trust_store.h"

namespace uid2 {

// An HttpClient with connections and a thread of its own, which serves all its requests and is
// named "http". Callbacks run on that thread, so they must be fast. A short-lived thread looks up
// each host name, and may outlive the transport. All signals are blocked on these threads.
//
// The destructor ends all calls in flight with kCancelled and waits for the thread. It must not run
// in a callback.
class HttpTransport : public HttpClient {
 public:
  // Verifies new connections against `trust_store` from now on. Existing connections are closed as
  // soon as no request uses them. Does not wait for that. Thread-safe.
  virtual void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) = 0;

  // Timers that fire on the transport's thread, up to a millisecond late. They end with the
  // transport.
  virtual Timers& timers() = 0;
};

}  // namespace uid2

#endif  // SERVER_HTTP_HTTP_TRANSPORT_H_
