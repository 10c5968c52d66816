// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_READINESS_H_
#define SERVER_APP_READINESS_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/rpc/health.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/readiness_metrics.h"

namespace uid2 {

// Whether this replica should be sent calls: gRPC health, /readyz and the metric `serving` all say
// what this says. It depends on the replica alone, never on the operator: if all replicas became
// unready in an outage, clients would lose the errors that say so. Thread-safe.
class Readiness {
 public:
  // Not ready at first. `metrics` must outlive this object.
  explicit Readiness(Metrics& metrics);

  // The server accepts calls, with credentials and certificates that are good.
  void Started();

  // The server's certificate ends at `end`, as it was checked at `now`. Call this when another
  // certificate is in use, and from time to time: an expired one makes the replica unready.
  void CheckCertificate(absl::Time end, absl::Time now);

  // Not ready from now on.
  void Drain();

  // OK, or why not, as one line of text.
  absl::Status status() const;

  Health& health() { return health_; }

 private:
  void Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Judge() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ReadinessMetrics metrics_;
  Health health_;
  mutable absl::Mutex mutex_;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time certificate_end_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool certificate_expired_ ABSL_GUARDED_BY(mutex_) = false;
  // What health says, too.
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_APP_READINESS_H_
