// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_OPERATOR_CREDENTIALS_PROVIDER_H_
#define SERVER_OPERATOR_OPERATOR_CREDENTIALS_PROVIDER_H_

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/operator/operator_credentials.h"

namespace uid2 {

// Provides a participant's current credentials. A call takes a snapshot when it begins and keeps it
// for all of its attempts, so replacing the credentials affects later calls only, and those whose
// credentials the operator rejects. Thread-safe; locks briefly.
class OperatorCredentialsProvider {
 public:
  // `credentials` must not be null, here and below.
  explicit OperatorCredentialsProvider(OperatorCredentialsPtr credentials)
      : current_(std::move(credentials)) {}

  OperatorCredentialsProvider(const OperatorCredentialsProvider&) = delete;
  OperatorCredentialsProvider& operator=(const OperatorCredentialsProvider&) = delete;

  OperatorCredentialsPtr Current() const {
    absl::MutexLock lock(&mutex_);
    return current_;
  }

  void Replace(OperatorCredentialsPtr credentials) {
    absl::MutexLock lock(&mutex_);
    // The swap moves the old snapshot to the parameter, which is destroyed outside the lock.
    current_.swap(credentials);
  }

 private:
  mutable absl::Mutex mutex_;
  OperatorCredentialsPtr current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_OPERATOR_OPERATOR_CREDENTIALS_PROVIDER_H_
