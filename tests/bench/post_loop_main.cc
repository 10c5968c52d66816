// SPDX-License-Identifier: Apache-2.0

// The second part of the floor: POSTs the same sealed request to the operator repeatedly with
// libcurl. Prints the measurement as one line of JSON.

#include <chrono>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/check.h"
#include "tests/bench/credentials.h"
#include "tests/bench/measurement.h"
#include "tests/bench/operator_envelope.h"
#include "tests/bench/post_load.h"
#include "tests/bench/process_cpu_clock.h"
#include "tests/bench/sample_identity.h"

ABSL_FLAG(std::string, operator_url, "", "base URL of the operator stub; loopback only");
ABSL_FLAG(std::string, credentials_dir, "", "folder with api_key and client_secret");
ABSL_FLAG(std::string, ca_file, "", "certificate authority of an operator with TLS");
ABSL_FLAG(int, in_flight, 64, "number of requests in flight; with --rate, the maximum");
ABSL_FLAG(double, rate, 0, "requests per second; 0: as many as --in_flight allows");
ABSL_FLAG(absl::Duration, warm_up, absl::Milliseconds(500), "time before the measurement begins");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(2), "length of the measurement, at most 1m");

int main(int argc, char** argv) {
  namespace bench = uid2::bench;
  absl::SetProgramUsageMessage("POSTs generate requests to an operator stub.");
  absl::ParseCommandLine(argc, argv);
  const std::string url = absl::GetFlag(FLAGS_operator_url);
  bench::Check(url.rfind("http://127.0.0.1:", 0) == 0 || url.rfind("https://127.0.0.1:", 0) == 0,
               "--operator_url must be http://127.0.0.1:PORT, or https");
  bench::Check(absl::GetFlag(FLAGS_duration) <= absl::Minutes(1), "--duration must not exceed 1m");
  bench::Check(absl::GetFlag(FLAGS_in_flight) > 0 && absl::GetFlag(FLAGS_rate) >= 0,
               "--in_flight must be positive; --rate must not be negative");

  const bench::Credentials credentials =
      bench::ReadCredentials(absl::GetFlag(FLAGS_credentials_dir));
  bench::OperatorEnvelope::Nonce nonce{};
  bench::PostLoadOptions options;
  options.url = absl::StrCat(url, "/v2/token/generate");
  options.ca_file = absl::GetFlag(FLAGS_ca_file);
  options.api_key = credentials.api_key;
  options.body = std::string(
      bench::OperatorEnvelope(credentials.client_secret)
          .SealRequest(absl::ToUnixMillis(absl::Now()), bench::SampleGeneratePayload(), nonce));
  options.in_flight = absl::GetFlag(FLAGS_in_flight);
  options.rate = absl::GetFlag(FLAGS_rate);

  bench::PostLoad load(options);
  bench::Measurement measurement(bench::ProcessCpuClock(0),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_warm_up)),
                                 absl::ToChronoNanoseconds(absl::GetFlag(FLAGS_duration)));
  load.Run(measurement);
  std::printf("%s\n", measurement.Json().c_str());
}
