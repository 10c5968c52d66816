// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_RPC_OPEN_STREAMS_H_
#define SERVER_RPC_OPEN_STREAMS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
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

  // Whose a stream is.
  struct Client {
    // The peer's address and port.
    std::string connection;
    // Clients with the same name share one share of the streams.
    std::string caller;
  };

  explicit OpenStreams(const Options& options);

  // If this returns OK, the stream must end with Leave() for the same client. Otherwise returns
  // CALLER_LIMIT or OVERLOADED. The client's caller may have up to `max_share` of the streams:
  // greater than 0, at most 1, rounded to the nearest stream, and always at least one stream.
  absl::Status Enter(const Client& client, double max_share);
  void Leave(const Client& client);

  int open() const;

 private:
  const Options options_;
  mutable absl::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  // Contain only connections and callers with open streams.
  absl::flat_hash_map<std::string, int> of_connection_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int> of_caller_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace uid2

#endif  // SERVER_RPC_OPEN_STREAMS_H_
