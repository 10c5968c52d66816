// SPDX-License-Identifier: Apache-2.0

#include "server/http/curl/curl_http_client.h"

#include <curl/curl.h>

#include <cstdint>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "server/http/curl/http_call.h"

namespace uid2 {
namespace {

absl::Status InitializeCurl() {
  // Done once in the process, and never undone, because we cannot know when its last user is gone.
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) return absl::InternalError(curl_easy_strerror(code));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlHttpClient>> CurlHttpClient::New(
    const HttpClientOptions& options, std::shared_ptr<const TrustStore> trust_store,
    const HttpMetrics& metrics) {
  absl::Status status = Validate(options);
  if (status.ok()) status = InitializeCurl();
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::New(metrics.timers);
  if (!loop.ok()) return loop.status();
  (*loop)->MeasureStalls(metrics.loop_stalls);
  auto client =
      absl::WrapUnique(new CurlHttpClient(*std::move(loop), metrics, options.address_age));
  absl::StatusOr<std::unique_ptr<CurlDriver>> driver =
      CurlDriver::New(options, std::move(trust_store), *client->loop_, client->resolver_, metrics);
  if (!driver.ok()) return driver.status();
  client->driver_ = *std::move(driver);
  absl::StatusOr<Thread> thread = Thread::Start("http", [loop = client->loop_.get()] {
    PreferBatchScheduling();
    loop->Run();
  });
  if (!thread.ok()) return thread.status();
  client->thread_.emplace(*std::move(thread));
  return client;
}

CurlHttpClient::~CurlHttpClient() {
  if (!thread_.has_value()) return;
  (void)loop_->tasks().Post([driver = driver_.get()] { driver->ShutDown(); });
  loop_->Stop();
  thread_.reset();
}

void CurlHttpClient::Post(HttpRequest request, CallContext& context, Callback done) {
  HttpCall::Post(
      std::make_shared<HttpCall>(std::move(request), context, std::move(done), *loop_, *driver_));
}

void CurlHttpClient::ReplaceTrustStore(std::shared_ptr<const TrustStore> trust_store) {
  (void)loop_->tasks().Post(
      [driver = driver_.get(), trust_store = std::move(trust_store)]() mutable {
        driver->ReplaceTrustStore(std::move(trust_store));
      });
}

}  // namespace uid2
