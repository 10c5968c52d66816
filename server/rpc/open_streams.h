// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_OPEN_STREAMS_H_
#define SERVER_RPC_OPEN_STREAMS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace uid2 {

// Limits the streams that stay open for as long as their clients like: health watches and server
// reflection. Thread-safe.
class OpenStreams {
 public:
  struct Options {
    // A gRPC client needs one health watch on each connection. A proxy may carry those of many
    // clients over one connection.
    int max_of_connection = 64;
    // An open stream takes about 16 KiB.
    int max_in_all = 1024;
  };

  explicit OpenStreams(const Options& options);

  // If this returns OK, the stream must end with Leave() for the same connection. Otherwise returns
  // CALLER_LIMIT or OVERLOADED. `connection` is the peer's address and port.
  absl::Status Enter(absl::string_view connection);
  void Leave(absl::string_view connection);

  int open() const;

 private:
  const Options options_;
  mutable absl::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  // Contains only connections with open streams.
  absl::flat_hash_map<std::string, int> of_connection_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_RPC_OPEN_STREAMS_H_
