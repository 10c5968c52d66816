// SPDX-License-Identifier: Apache-2.0

#include "server/app/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
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

constexpr int kIgnoredSignals[] = {SIGPIPE, SIGXFSZ, SIGTTOU, SIGUSR1, SIGUSR2};

bool IsIgnored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Opens /dev/null under the numbers of missing standard files, and returns whether none is missing
// any more. Only system calls: nothing is initialized when this runs first.
__attribute__((no_sanitize("address", "thread", "undefined"))) bool OpenStandardFiles() {
  for (long descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (syscall(SYS_fcntl, descriptor, F_GETFD) != -1) continue;
    // Gets the lowest free number, which is this one.
    if (syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR) != descriptor) return false;
  }
  return true;
}

__attribute__((no_sanitize("address", "thread", "undefined"))) void BeforeLibraries(
    int /*argc*/, char** /*argv*/, char** /*environment*/) {
  (void)OpenStandardFiles();
}

// Before the initializers of the shared libraries: libgrpc's opens a file, and keeps it.
__attribute__((section(".preinit_array"),
               used)) void (*const kBeforeLibraries)(int, char**, char**) = &BeforeLibraries;

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

absl::Status CheckStandardFiles() {
  if (OpenStandardFiles()) return absl::OkStatus();
  return SystemError("stdin, stdout or stderr is closed, and /dev/null cannot be opened");
}

absl::Status BlockSignals() {
  for (const int ignored : kIgnoredSignals) {
    if (std::signal(ignored, SIG_IGN) == SIG_ERR) return SystemError("signal");
  }
  const sigset_t signals = EndingSignals();
  const int error = pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (error != 0) return absl::InternalError("pthread_sigmask");
  return absl::OkStatus();
}

void LimitMallocArenas(int count) {
  // glibc never refuses. Another malloc, such as a sanitizer's, does: it has no arenas.
  (void)mallopt(M_ARENA_MAX, count);
}

absl::Status KeepOpenSslUntilExit() {
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) == 1) return absl::OkStatus();
  return absl::InternalError("OPENSSL_init_crypto failed");
}

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGQUIT);
  // nohup ignores it; a blocked signal would be delivered all the same.
  if (!IsIgnored(SIGHUP)) sigaddset(&signals, SIGHUP);
  return signals;
}

absl::Status SeedRand() {
  unsigned int seed;
  if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) return SystemError("getrandom");
  std::srand(seed);
  return absl::OkStatus();
}

bool WriteWithin(absl::Duration timeout, int descriptor, absl::string_view text) {
  pollfd room = {descriptor, POLLOUT, 0};
  while (!text.empty()) {
    if (poll(&room, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) != 1) return false;
    // A pipe that has room takes this much without blocking.
    const ssize_t written = write(descriptor, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace uid2
