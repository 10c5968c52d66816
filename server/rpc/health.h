// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_HEALTH_H_
#define SERVER_RPC_HEALTH_H_

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.pb.h"

namespace uid2 {

// Whether this replica should be sent calls, as the gRPC health protocol tells it: for the name ""
// and for each service, always the same. Thread-safe.
class Health {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;
  using Watcher = std::function<void()>;
  using Subscription = std::list<Watcher>::iterator;

  // NOT_SERVING at first. `services` are full names, such as "uid2.identity.v1.IdentityService".
  explicit Health(std::vector<std::string> services);

  // No effect after Drain().
  void SetServing(bool serving);

  // NOT_SERVING from now on.
  void Drain();

  // SERVICE_UNKNOWN if there is no such service.
  Status StatusOf(absl::string_view service) const;

  // Calls `watcher` after each change, on the thread that makes it, until Unsubscribe() returns.
  // `watcher` must not block, and must not call this object.
  Subscription Subscribe(Watcher watcher);
  void Unsubscribe(Subscription subscription);

 private:
  void Set(bool serving) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<std::string> services_;
  mutable absl::Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<Watcher> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_RPC_HEALTH_H_
