// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/health.h"

#include <algorithm>
#include <utility>

namespace uid2 {

using grpc::health::v1::HealthCheckResponse;

Health::Health(std::vector<std::string> services) : services_(std::move(services)) {}

void Health::SetServing(bool serving) {
  absl::MutexLock lock(&mutex_);
  if (!draining_) Set(serving);
}

void Health::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  Set(false);
}

void Health::Set(bool serving) {
  if (serving_ == serving) return;
  serving_ = serving;
  for (const Watcher& watcher : watchers_) watcher();
}

Health::Status Health::StatusOf(absl::string_view service) const {
  if (!service.empty() &&
      std::find(services_.begin(), services_.end(), service) == services_.end()) {
    return HealthCheckResponse::SERVICE_UNKNOWN;
  }
  absl::MutexLock lock(&mutex_);
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

Health::Subscription Health::Subscribe(Watcher watcher) {
  absl::MutexLock lock(&mutex_);
  return watchers_.insert(watchers_.end(), std::move(watcher));
}

void Health::Unsubscribe(Subscription subscription) {
  absl::MutexLock lock(&mutex_);
  watchers_.erase(subscription);
}

}  // namespace uid2
