// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_WIRE_WIRE_HTTP_CLIENT_H_
#define SERVER_HTTP_WIRE_WIRE_HTTP_CLIENT_H_

#include <atomic>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/timers.h"
#include "server/event/event_loop.h"
#include "server/event/thread.h"
#include "server/http/http_client.h"
#include "server/http/http_client_options.h"
#include "server/http/http_transport.h"
#include "server/http/resolver/host_resolver.h"
#include "server/http/tls/trust_store.h"
#include "server/http/wire/wire_driver.h"
#include "server/telemetry/http_metrics.h"

namespace uid2 {

// An HttpTransport that speaks HTTP/1.1 itself, over persistent connections, with no more work for
// a call than a request and a reply need: Post() sends the request on its own thread if there is an
// idle connection, and wakes no other. No proxies; the environment has no effect.
class WireHttpClient final : public HttpTransport {
 public:
  // Fails with kInvalidArgument if the options are invalid, or ask for HTTP/2 or a proxy.
  static absl::StatusOr<std::unique_ptr<WireHttpClient>> New(
      const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
      const HttpMetrics& metrics = {});

  ~WireHttpClient() override;

  void Post(HttpRequest request, CallContext& context, Callback done) override;
  void ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) override;
  Timers& timers() override { return loop_->timers(); }

 private:
  // Makes the driver follow the limits of SharedState.
  class LimitSignal final : public EventLoop::Task {
   public:
    explicit LimitSignal(WireHttpClient& client) : client_(client) {}

    // Thread-safe.
    void Post();
    void Run() override;

   private:
    WireHttpClient& client_;
    std::atomic<bool> posted_{false};
  };

  WireHttpClient(const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
                 std::unique_ptr<EventLoop> loop, const HttpMetrics& metrics)
      : loop_(std::move(loop)),
        resolver_(*loop_, metrics, options.address_age),
        driver_(options, std::move(trust_store), *loop_, resolver_, metrics) {}

  // Each member is used by those below it, and is therefore destroyed after them.
  const std::unique_ptr<EventLoop> loop_;
  HostResolver resolver_;
  WireDriver driver_;
  LimitSignal limit_signal_{*this};
  absl::optional<Thread> thread_;
};

}  // namespace uid2

#endif  // SERVER_HTTP_WIRE_WIRE_HTTP_CLIENT_H_
