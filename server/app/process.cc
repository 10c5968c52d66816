// SPDX-License-Identifier: Apache-2.0

#include "server/app/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"

namespace uid2 {
namespace {

// OpenSSL and libcurl write TLS session secrets to SSLKEYLOGFILE; both and gRPC follow the proxy
// variables; gRPC's traces print message bytes.
struct UnwantedVariable {
  const char* name;
  // The field to set instead; null if there is none.
  const char* field = nullptr;
};

constexpr char kProxy[] = "operator_connection.proxy_url";
constexpr char kAuthorities[] = "operator_connection.ca_file";

constexpr UnwantedVariable kUnwantedVariables[] = {
    {"SSLKEYLOGFILE"},
    {"SSL_CERT_FILE", kAuthorities},
    {"SSL_CERT_DIR", kAuthorities},
    {"http_proxy", kProxy},
    {"https_proxy", kProxy},
    {"HTTP_PROXY", kProxy},
    {"HTTPS_PROXY", kProxy},
    {"all_proxy", kProxy},
    {"ALL_PROXY", kProxy},
    {"no_proxy"},
    {"NO_PROXY"},
    {"grpc_proxy"},
    {"no_grpc_proxy"},
    {"GRPC_TRACE"},
    {"GRPC_VERBOSITY"},
    {"GRPC_SSL_CIPHER_SUITES"},
    {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"},
};

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(errno)));
}

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

std::vector<std::string> CleanEnvironment() {
  std::vector<std::string> notices;
  for (const UnwantedVariable& variable : kUnwantedVariables) {
    const char* const value = std::getenv(variable.name);
    // An empty value is a usual way to turn a proxy off.
    if (variable.field != nullptr && value != nullptr && *value != '\0') {
      notices.push_back(absl::StrCat("the environment variable ", variable.name,
                                     " has no effect; set ", variable.field, " instead"));
    }
    unsetenv(variable.name);
  }
  return notices;
}

absl::Status ForbidCoreDumps() {
  const rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return SystemError("setrlimit(RLIMIT_CORE)");
  // The limit has no effect if the kernel pipes core dumps to a program; this has.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return SystemError("prctl(PR_SET_DUMPABLE)");
  return absl::OkStatus();
}

absl::StatusOr<int64_t> RaiseOpenFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return SystemError("getrlimit(RLIMIT_NOFILE)");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return SystemError("setrlimit(RLIMIT_NOFILE)");
  // RLIM_INFINITY is the largest possible value.
  return static_cast<int64_t>(
      std::min<rlim_t>(limit.rlim_max, std::numeric_limits<int64_t>::max()));
}

absl::Status BlockSignals() {
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return SystemError("signal(SIGPIPE)");
  const sigset_t signals = TerminationSignals();
  const int error = pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (error != 0) return absl::InternalError("pthread_sigmask");
  return absl::OkStatus();
}

int AwaitSignal() {
  const sigset_t signals = TerminationSignals();
  while (true) {
    // Fails with EINTR when a debugger or SIGCONT interrupts it.
    const int signal = sigwaitinfo(&signals, nullptr);
    if (signal > 0) return signal;
  }
}

}  // namespace uid2
