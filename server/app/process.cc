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
constexpr const char* kUnwantedVariables[] = {
    "SSLKEYLOGFILE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "grpc_proxy",
    "no_grpc_proxy",
    "GRPC_TRACE",
    "GRPC_VERBOSITY",
    "GRPC_SSL_CIPHER_SUITES",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
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

void CleanEnvironment() {
  for (const char* variable : kUnwantedVariables) unsetenv(variable);
}

absl::Status ForbidCoreDumps() {
  const rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return SystemError("setrlimit(RLIMIT_CORE)");
  // The limit does not hold where the kernel pipes cores to a program; this does.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return SystemError("prctl(PR_SET_DUMPABLE)");
  return absl::OkStatus();
}

absl::StatusOr<int64_t> RaiseOpenFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return SystemError("getrlimit(RLIMIT_NOFILE)");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return SystemError("setrlimit(RLIMIT_NOFILE)");
  // RLIM_INFINITY is the largest number of all.
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
  while (true) {
    const absl::optional<int> signal = AwaitSignal(absl::Hours(1));
    if (signal.has_value()) return *signal;
  }
}

absl::optional<int> AwaitSignal(absl::Duration timeout) {
  const sigset_t signals = TerminationSignals();
  const timespec limit = absl::ToTimespec(timeout);
  // Interrupted by a signal that nobody asked for: as if the time had passed.
  const int signal = sigtimedwait(&signals, nullptr, &limit);
  return signal > 0 ? absl::make_optional(signal) : absl::nullopt;
}

}  // namespace uid2
