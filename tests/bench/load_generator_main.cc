// SPDX-License-Identifier: Apache-2.0

// Calls the service with a fixed number of calls in flight (closed loop) or at a fixed rate
// (open loop). Prints one line of JSON: calls, errors, latency, and the server's CPU time.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/time.h"
#include "tests/bench/call_load.h"
#include "tests/bench/check.h"
#include "tests/bench/measurement.h"
#include "tests/bench/process_cpu_clock.h"

ABSL_FLAG(std::string, target, "", "HOST:PORT of the server; loopback only");
ABSL_FLAG(int, server_pid, 0, "process whose CPU time is measured; 0: this process");
ABSL_FLAG(std::string, method, "generate", "generate or refresh");
ABSL_FLAG(int, channels, 4, "connections to the server");
ABSL_FLAG(int, in_flight, 64, "number of calls in flight; with --rate, the maximum");
ABSL_FLAG(double, rate, 0, "calls per second; 0: as many as --in_flight allows");
ABSL_FLAG(uint64_t, calls, 0, "without --rate, end after this number of calls; 0: no limit");
ABSL_FLAG(absl::Duration, warm_up, absl::Milliseconds(500), "time before the measurement begins");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(2), "length of the measurement, at most 1m");
ABSL_FLAG(std::string, certificates, "", "folder of tools/certificates, for mTLS; empty: no TLS");
ABSL_FLAG(absl::Duration, deadline, absl::Seconds(10), "deadline of each call");

int main(int argc, char** argv) {
  namespace bench = uid2::bench;
  absl::SetProgramUsageMessage("Generates load for an IdentityService on this machine.");
  absl::ParseCommandLine(argc, argv);
  bench::CallLoadOptions options;
  options.target = absl::GetFlag(FLAGS_target);
  options.certificates = absl::GetFlag(FLAGS_certificates);
  options.method = absl::GetFlag(FLAGS_method);
  options.channels = absl::GetFlag(FLAGS_channels);
  options.in_flight = absl::GetFlag(FLAGS_in_flight);
  if (absl::GetFlag(FLAGS_calls) > 0) options.calls = absl::GetFlag(FLAGS_calls);
  options.deadline = absl::ToChronoMilliseconds(absl::GetFlag(FLAGS_deadline));
  const double rate = absl::GetFlag(FLAGS_rate);
  bench::Check(options.target.rfind("127.0.0.1:", 0) == 0, "--target must be 127.0.0.1:PORT");
  bench::Check(options.channels > 0 && options.in_flight > 0 && rate >= 0,
               "--channels and --in_flight must be positive; --rate must not be negative");
  bench::Check(absl::GetFlag(FLAGS_duration) <= absl::Minutes(1), "--duration must not exceed 1m");

  bench::CallLoad load(options);
  bench::Measurement measurement(bench::ProcessCpuClock(absl::GetFlag(FLAGS_server_pid)),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_warm_up)),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_duration)));
  measurement.MeasureThreads(absl::GetFlag(FLAGS_server_pid));
  if (rate > 0) {
    load.RunOpen(rate, measurement);
  } else {
    load.RunClosed(measurement);
  }
  std::printf("%s\n", measurement.Json().c_str());
}
