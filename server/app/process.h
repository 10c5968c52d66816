// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_PROCESS_H_
#define SERVER_APP_PROCESS_H_

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace uid2 {

// Sets up the process of a server that has secrets. Call these before any thread starts.

// Removes environment variables that would make a library write TLS secrets to a file, send traffic
// through a proxy, trust other authorities, or log message contents. Returns a notice, one line of
// text, for each that was set and in whose place a field of the configuration may be meant.
std::vector<std::string> CleanEnvironment();

// Turns off core dumps, because memory contains credentials and tokens.
absl::Status ForbidCoreDumps();

// Raises the limit on open files to the hard limit and returns that. Each call in flight needs two
// files, so the usual 1,024 are used up quickly when the operator is slow.
absl::StatusOr<int64_t> RaiseOpenFileLimit();

// In a program that is linked with this, /dev/null is opened in place of stdin, stdout and stderr
// if they are closed, before any library opens a file. Otherwise, that file would get the number of
// one of them, and would receive what is written to stderr. This returns an error if that has
// failed.
absl::Status CheckStandardFiles();

// Blocks the signals that end the process (SIGTERM, SIGINT, SIGQUIT and, unless the process was
// started with nohup, SIGHUP), in this thread and in all threads that it starts, for Termination.
// Ignores SIGUSR1 and SIGUSR2, which would end it at once, and the signals that a write can cause:
// SIGPIPE and SIGXFSZ, so that write() returns an error instead, and SIGTTOU, so that a process in
// the background of a terminal is not stopped.
absl::Status BlockSignals();

// Seeds rand() from the system's entropy. gRPC varies the age of connections with it; without a
// seed, all replicas would end their connections in the same rhythm.
absl::Status SeedRand();

// Makes all threads share `count` arenas of malloc, instead of up to eight for each processor. What
// one thread allocates and another one frees, as in most calls, is then used again by both. Takes
// effect if no second thread has allocated memory yet.
void LimitMallocArenas(int count);

// Keeps OpenSSL from freeing its memory when the process exits. gRPC does not wait for all of its
// threads; one that ends meanwhile would free its part of that memory once more, and abort the
// process. Call this before anything else uses OpenSSL: afterwards, it has no effect.
absl::Status KeepOpenSslUntilExit();

// The signals that BlockSignals() blocks.
sigset_t EndingSignals();

// Writes as much of `text` as the descriptor's reader takes without a pause of `timeout`, and
// returns whether that was all of it. Safe in a signal handler.
bool WriteWithin(absl::Duration timeout, int descriptor, absl::string_view text);

}  // namespace uid2

#endif  // SERVER_APP_PROCESS_H_
