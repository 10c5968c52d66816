// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/wire_http_client.h"

#include <chrono>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "server/http/wire/connection.h"
#include "server/http/wire/exchange.h"
#include "server/http/wire/shared_state.h"

namespace uid2 {

absl::StatusOr<std::unique_ptr<WireHttpClient>> WireHttpClient::New(
    const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
    const HttpMetrics& metrics) {
  const absl::Status status = Validate(options);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::New(metrics.timers);
  if (!loop.ok()) return loop.status();
  (*loop)->MeasureStalls(metrics.loop_stalls);
  auto client = absl::WrapUnique(
      new WireHttpClient(options, std::move(trust_store), *std::move(loop), metrics));
  absl::StatusOr<Thread> thread = Thread::Start("http", [loop = client->loop_.get()] {
    PreferBatchScheduling();
    loop->Run();
  });
  if (!thread.ok()) return thread.status();
  client->thread_.emplace(*std::move(thread));
  return client;
}

WireHttpClient::~WireHttpClient() {
  if (!thread_.has_value()) return;
  (void)loop_->tasks().Post([this] { driver_.ShutDown(); });
  loop_->Stop();
  thread_.reset();
}

void WireHttpClient::Post(HttpRequest request, CallContext& context, Callback done) {
  const SharedState::Begun begun = driver_.state().Begin(
      std::move(request), context, std::move(done), std::chrono::steady_clock::now());
  if (begun.limit_is_earlier) limit_signal_.Post();
  Exchange& exchange = begun.exchange;
  if (Connection* const connection = exchange.connection(); connection != nullptr) {
    return connection->Send(exchange);
  }
  exchange.FollowCancellation();
  exchange.PostStart();
}

void WireHttpClient::ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) {
  (void)loop_->tasks().Post([this, trust_store = std::move(trust_store)]() mutable {
    driver_.ReplaceTrustStore(std::move(trust_store));
  });
}

void WireHttpClient::LimitSignal::Post() {
  if (!posted_.exchange(true)) (void)client_.loop_->Post(*this);
}

void WireHttpClient::LimitSignal::Run() {
  // First, so that a limit that is set from now on posts this again.
  posted_.store(false);
  client_.driver_.FollowLimits();
}

}  // namespace uid2
