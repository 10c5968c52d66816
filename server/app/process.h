// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_PROCESS_H_
#define SERVER_APP_PROCESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

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

// Ignores SIGPIPE, so that write() returns an error instead, and blocks SIGTERM and SIGINT for
// AwaitSignal(), in this thread and in all threads that it starts.
absl::Status BlockSignals();

// Waits for SIGTERM or SIGINT and returns its number. Call BlockSignals() first.
int AwaitSignal();

}  // namespace uid2

#endif  // SERVER_APP_PROCESS_H_
