// The floor's second part: the operator's POST by libcurl, one sealed request sent over and over.
// Prints one line of JSON with what that took.

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
ABSL_FLAG(int, in_flight, 64, "requests under way at a time; with --rate the most there may be");
ABSL_FLAG(double, rate, 0, "requests a second; 0: as many as --in_flight gives");
ABSL_FLAG(absl::Duration, warm_up, absl::Milliseconds(500), "time before the measurement");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(2), "time measured, at most a minute");

int main(int argc, char** argv) {
  namespace bench = uid2::bench;
  absl::SetProgramUsageMessage("POSTs generate requests to an operator stub.");
  absl::ParseCommandLine(argc, argv);
  const std::string url = absl::GetFlag(FLAGS_operator_url);
  bench::Check(url.rfind("http://127.0.0.1:", 0) == 0,
               "--operator_url is not http://127.0.0.1:PORT");
  bench::Check(absl::GetFlag(FLAGS_duration) <= absl::Minutes(1), "--duration is over a minute");
  bench::Check(absl::GetFlag(FLAGS_in_flight) > 0 && absl::GetFlag(FLAGS_rate) >= 0,
               "--in_flight must be positive, --rate not negative");

  const bench::Credentials credentials =
      bench::ReadCredentials(absl::GetFlag(FLAGS_credentials_dir));
  bench::OperatorEnvelope::Nonce nonce{};
  bench::PostLoadOptions options;
  options.url = absl::StrCat(url, "/v2/token/generate");
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
