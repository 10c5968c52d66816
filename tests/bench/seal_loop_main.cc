// SPDX-License-Identifier: Apache-2.0

// The third part of the floor: the cryptography of a call. Repeatedly seals a request and opens a
// reply, and prints the measurement as one line of JSON.

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/check.h"
#include "tests/bench/measurement.h"
#include "tests/bench/operator_envelope.h"
#include "tests/bench/pace_timer.h"
#include "tests/bench/process_cpu_clock.h"
#include "tests/bench/sample_identity.h"

ABSL_FLAG(double, rate, 0, "calls per second; 0: as many as possible");
ABSL_FLAG(absl::Duration, warm_up, absl::Milliseconds(100), "time before the measurement begins");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(1), "length of the measurement, at most 1m");

int main(int argc, char** argv) {
  namespace bench = uid2::bench;
  using Clock = bench::Measurement::Clock;
  absl::SetProgramUsageMessage("Seals requests to the operator and opens its replies.");
  absl::ParseCommandLine(argc, argv);
  const double rate = absl::GetFlag(FLAGS_rate);
  bench::Check(absl::GetFlag(FLAGS_duration) <= absl::Minutes(1), "--duration must not exceed 1m");

  const std::string key(32, 'k');
  const int64_t now_ms = absl::ToUnixMillis(absl::Now());
  bench::OperatorEnvelope envelope(key);
  bench::OperatorEnvelope::Nonce nonce{};
  const std::string reply(bench::OperatorEnvelope(key).SealReply(
      now_ms, nonce,
      absl::StrCat(R"({"body":)", bench::SampleIdentityJson(now_ms), R"(,"status":"success"})")));

  bench::Measurement measurement(bench::ProcessCpuClock(0),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_warm_up)),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_duration)));
  std::unique_ptr<bench::PaceTimer> pace;
  if (rate > 0) pace = std::make_unique<bench::PaceTimer>(rate);
  while (!measurement.over()) {
    if (pace != nullptr) pace->Wait();
    const auto began = Clock::now();
    envelope.SealRequest(absl::ToUnixMillis(absl::Now()), bench::SampleGeneratePayload(), nonce);
    const bool opened = envelope.OpenReply(reply).has_value();
    measurement.Record(began, Clock::now(), opened ? "" : "NOT_OPENED");
  }
  std::printf("%s\n", measurement.Json().c_str());
}
