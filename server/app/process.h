#ifndef SERVER_APP_PROCESS_H_
#define SERVER_APP_PROCESS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace uid2 {

// What a server that holds secrets owes to the machine it runs on. Call before any thread starts.

// Takes variables out of the environment that would make a library write TLS secrets to a file,
// send traffic through somebody's proxy, or log what it must not.
void CleanEnvironment();

// No core dumps: memory holds credentials and tokens.
absl::Status ForbidCoreDumps();

// Raises the limit of open files to what the system allows, its hard limit, and returns that: each
// call in flight needs two, and the usual 1,024 are gone in a moment of slowness.
absl::StatusOr<int64_t> RaiseOpenFileLimit();

// SIGPIPE is an error code of write() to us. SIGTERM and SIGINT are kept for AwaitSignal(), in this
// thread and in all that it starts.
absl::Status BlockSignals();

// Returns the number of SIGTERM or SIGINT, whichever comes.
int AwaitSignal();

// The same, or nothing where none has come within `timeout`, or a little earlier.
absl::optional<int> AwaitSignal(absl::Duration timeout);

}  // namespace uid2

#endif  // SERVER_APP_PROCESS_H_
