// Calls GenerateIdentity, as many at a time as asked (closed loop) or as many a second (open
// loop), and prints one line of JSON: calls, errors, latency, and what the server spent on them.

#include <chrono>
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
ABSL_FLAG(int, server_pid, 0, "process whose CPU time is measured; 0: this one");
ABSL_FLAG(int, channels, 4, "connections to the server");
ABSL_FLAG(int, in_flight, 64, "calls under way at a time; with --rate the most there may be");
ABSL_FLAG(double, rate, 0, "calls a second; 0: as many as --in_flight gives");
ABSL_FLAG(absl::Duration, warm_up, absl::Milliseconds(500), "time before the measurement");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(2), "time measured, at most a minute");
ABSL_FLAG(absl::Duration, deadline, absl::Seconds(10), "of each call");

int main(int argc, char** argv) {
  namespace bench = uid2::bench;
  absl::SetProgramUsageMessage("Loads an IdentityService on this machine.");
  absl::ParseCommandLine(argc, argv);
  bench::CallLoadOptions options;
  options.target = absl::GetFlag(FLAGS_target);
  options.channels = absl::GetFlag(FLAGS_channels);
  options.in_flight = absl::GetFlag(FLAGS_in_flight);
  options.deadline = absl::ToChronoMilliseconds(absl::GetFlag(FLAGS_deadline));
  const double rate = absl::GetFlag(FLAGS_rate);
  bench::Check(options.target.rfind("127.0.0.1:", 0) == 0, "--target is not 127.0.0.1:PORT");
  bench::Check(options.channels > 0 && options.in_flight > 0 && rate >= 0,
               "--channels and --in_flight must be positive, --rate not negative");
  bench::Check(absl::GetFlag(FLAGS_duration) <= absl::Minutes(1), "--duration is over a minute");

  bench::CallLoad load(options);
  bench::Measurement measurement(bench::ProcessCpuClock(absl::GetFlag(FLAGS_server_pid)),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_warm_up)),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_duration)));
  if (rate > 0) {
    load.RunOpen(rate, measurement);
  } else {
    load.RunClosed(measurement);
  }
  std::printf("%s\n", measurement.Json().c_str());
}
