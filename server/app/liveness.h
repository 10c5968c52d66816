// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_LIVENESS_H_
#define SERVER_APP_LIVENESS_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/app/self_probe.h"
#include "server/config/configuration.h"

namespace uid2 {

// Whether the process should be restarted, as far as its self-probe can tell. It depends on nothing
// outside the process. Thread-safe; does not probe.
class Liveness {
 public:
  explicit Liveness(const SelfProbeOptions& options);

  // Follows the results of `probe` until Unfollow(); before that and afterwards, the process is
  // alive.
  void Follow(const SelfProbe& probe);
  void Unfollow();

  // OK before the first result. Otherwise OK, or why not, as one line of text: the last probe has
  // failed, or there has been none for several intervals, so that its thread hangs.
  absl::Status status() const;

 private:
  const absl::Duration max_age_;
  mutable absl::Mutex mutex_;
  const SelfProbe* probe_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace uid2

#endif  // SERVER_APP_LIVENESS_H_
