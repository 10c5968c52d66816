// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_CURL_CURL_HTTP_CLIENT_H_
#define SERVER_HTTP_CURL_CURL_HTTP_CLIENT_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/timers.h"
#include "server/event/event_loop.h"
#include "server/event/thread.h"
#include "server/http/curl/curl_driver.h"
#include "server/http/http_client_options.h"
#include "server/http/http_transport.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/telemetry/http_metrics.h"

namespace uid2 {

// A transport that uses libcurl, with HTTP/1.1 on persistent connections, or HTTP/2.
//
// Proxies, cookies, .netrc and the environment have no effect, except that libcurl reads
// SSLKEYLOGFILE when it is first used (and opens that file, but nothing is written to it).
class CurlHttpClient : public HttpTransport {
 public:
  // Fails with kInvalidArgument if the options are invalid.
  static absl::StatusOr<std::unique_ptr<CurlHttpClient>> New(
      const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
      const HttpMetrics& metrics = {});

  ~CurlHttpClient() override;

  void Post(HttpRequest request, CallContext& context, Callback done) override;

  void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) override;

  Timers& timers() override { return loop_->timers(); }

 private:
  CurlHttpClient(std::unique_ptr<EventLoop> loop, const HttpMetrics& metrics,
                 absl::Duration address_age)
      : loop_(std::move(loop)), resolver_(*loop_, metrics, address_age) {}

  // Each member is used by those below it, and is therefore destroyed after them.
  const std::unique_ptr<EventLoop> loop_;
  HostResolver resolver_;
  std::unique_ptr<CurlDriver> driver_;
  absl::optional<Thread> thread_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_CURL_CURL_HTTP_CLIENT_H_
