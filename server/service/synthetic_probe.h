// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SERVICE_SYNTHETIC_PROBE_H_
#define SERVER_SERVICE_SYNTHETIC_PROBE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/call/call_context.h"
#include "server/call/clock.h"
#include "server/call/timers.h"
#include "server/dii/dii_policy.h"
#include "server/operator/attempt_api.h"
#include "server/operator/operator_credentials.h"
#include "server/operator/operator_credentials_provider.h"
#include "server/operator/token_api.h"
#include "server/service/synthetic_probe_options.h"
#include "server/status/reason.h"
#include "server/telemetry/synthetic_probe_metrics.h"

namespace uid2 {

// Gets an identity for the operator's own test user from one of a participant's operator addresses
// and refreshes it, again and again. So a fault is known even while there are no calls.
//
// A probe makes each request once, without the rules for calls: they must not hold it back, and it
// must not count for them. Only a rejected timestamp is corrected at once, as for calls, because
// those succeed.
//
// Except for the constructor, Start() and Stop(), everything runs on the thread of the timers, and
// so must the callbacks of `attempts`.
class SyntheticProbe {
 public:
  // The first probe begins within this time, or within the interval if that is shorter.
  static constexpr absl::Duration kMaxFirstWait = absl::Seconds(10);

  struct Environment {
    // The current pair is used for each probe.
    const OperatorCredentialsProvider& credentials;
    Timers& timers;
    const Clock& clock;
    // Returns random numbers from [0, 1).
    std::function<double()> random_fraction;
  };

  // Called with the result of a probe if it fails and the one before did not, or if it fails with
  // another reason; and with OK if it succeeds and the one before failed. Must not block.
  using OnChange = std::function<void(const absl::Status& status)>;

  // `attempts` makes attempts at the address. `policy` is the participant's. What `environment`
  // refers to must outlive this object, and the timers must have ended before it is destroyed.
  SyntheticProbe(std::unique_ptr<AttemptApi> attempts, DiiPolicy policy,
                 const SyntheticProbeOptions& options, const SyntheticProbeMetrics& metrics,
                 Environment environment, OnChange on_change);

  SyntheticProbe(const SyntheticProbe&) = delete;
  SyntheticProbe& operator=(const SyntheticProbe&) = delete;

  // Call this at most once.
  void Start();

  // Cancels the probe in flight, whose result does not count, and begins no other. Does not wait
  // for that. Thread-safe.
  void Stop();

 private:
  void Probe();
  void Generate();
  void Generated(AttemptResult<TokenGenerateReply> result);
  void Refresh(const Identity& identity);
  void Refreshed(const AttemptResult<TokenRefreshReply>& result);
  void Finish(const absl::Status& status);
  void Report(const absl::Status& status);

  const std::unique_ptr<AttemptApi> attempts_;
  const DiiPolicy policy_;
  const SyntheticProbeOptions options_;
  const SyntheticProbeMetrics metrics_;
  const Environment environment_;
  const OnChange on_change_;
  bool stopped_ = false;
  // Why the last probe failed; nullopt if it did not.
  absl::optional<Reason> failure_;

  // The probe in flight, or the last one. Credentials and tokens do not stay in memory after it.
  absl::optional<CallContext> context_;
  CallContext::TimePoint begun_;
  OperatorCredentialsPtr credentials_;
  bool timestamp_corrected_ = false;
  TokenGenerateRequest generate_;
  TokenRefreshRequest refresh_;
};

}  // namespace uid2

#endif  // SERVER_SERVICE_SYNTHETIC_PROBE_H_
