// SPDX-License-Identifier: Apache-2.0

// An operator that is fast enough not to be the bottleneck. Stops on SIGTERM.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "tests/bench/check.h"
#include "tests/bench/credentials.h"
#include "tests/bench/http_server.h"
#include "tests/bench/operator_stub.h"
#include "tests/bench/server_stream.h"
#include "tests/bench/stop_signal.h"

ABSL_FLAG(std::string, listen, "127.0.0.1:0", "127.0.0.1:PORT; port 0 picks a free port");
ABSL_FLAG(std::string, credentials_dir, "", "folder with the client's api_key and client_secret");
ABSL_FLAG(std::string, certificates, "", "folder of tools/certificates, for TLS; empty: no TLS");
ABSL_FLAG(int, delay_ms, 0, "delay of each reply, in milliseconds");

namespace {

// Only loopback is allowed: a load test's operator must not be reachable from other machines.
uint16_t LoopbackPort(absl::string_view listen) {
  int port = 0;
  uid2::bench::Check(absl::ConsumePrefix(&listen, "127.0.0.1:") &&
                         absl::SimpleAtoi(listen, &port) && port >= 0 && port <= 65535,
                     "--listen must be 127.0.0.1:PORT");
  return static_cast<uint16_t>(port);
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "An operator for load tests. Issues an identity for every request with the right key.");
  absl::ParseCommandLine(argc, argv);
  // OpenSSL writes to connections that the client may have closed.
  std::signal(SIGPIPE, SIG_IGN);
  const int stop = uid2::bench::StopSignal();
  uid2::bench::OperatorStub stub(
      uid2::bench::ReadCredentials(absl::GetFlag(FLAGS_credentials_dir)));
  const std::string certificates = absl::GetFlag(FLAGS_certificates);
  uid2::bench::HttpServer server(stub, LoopbackPort(absl::GetFlag(FLAGS_listen)),
                                 std::chrono::milliseconds(absl::GetFlag(FLAGS_delay_ms)),
                                 uid2::bench::ServerContext(certificates));
  std::printf("listening on %s://127.0.0.1:%d\n", certificates.empty() ? "http" : "https",
              server.port());
  std::fflush(stdout);
  server.Run(stop);
}
