// SPDX-License-Identifier: Apache-2.0

#include "server/app/liveness.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"

namespace uid2 {
namespace {

// A busy machine delays a probe.
constexpr int kIntervals = 3;

}  // namespace

Liveness::Liveness(const SelfProbeOptions& options)
    : max_age_(kIntervals * (options.interval + options.timeout)) {}

void Liveness::Follow(const SelfProbe& probe) {
  absl::MutexLock lock(&mutex_);
  probe_ = &probe;
}

void Liveness::Unfollow() {
  absl::MutexLock lock(&mutex_);
  probe_ = nullptr;
}

absl::Status Liveness::status() const {
  absl::MutexLock lock(&mutex_);
  if (probe_ == nullptr) return absl::OkStatus();
  const absl::optional<SelfProbe::Result> last = probe_->last();
  if (!last.has_value()) return absl::OkStatus();
  const absl::Duration age = absl::FromChrono(std::chrono::steady_clock::now() - last->ended);
  if (age > max_age_) {
    return absl::UnavailableError(absl::StrCat(
        "the last self-probe ended ", absl::ToInt64Seconds(age), " s ago: its thread hangs"));
  }
  if (last->answered) return absl::OkStatus();
  return absl::UnavailableError("the last self-probe failed: new connections are not answered");
}

}  // namespace uid2
