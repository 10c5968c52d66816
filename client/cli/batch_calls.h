// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_BATCH_CALLS_H_
#define CLIENT_CLI_BATCH_CALLS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/line_reader.h"
#include "client/cpp/call_options.h"
#include "client/cpp/identity_client.h"

namespace uid2::cli {

// A line of a batch, and how often a call has been made for it.
struct BatchItem {
  NumberedLine line;
  int tries = 0;
};

// The calls of a batch that are in flight. For one thread.
class BatchCalls {
 public:
  using Request = client::IdentityClient::GenerateRequest;
  using Response = client::IdentityClient::GenerateResponse;

  struct Completed {
    BatchItem item;
    absl::StatusOr<Response> response;
  };

  // `client` must outlive this.
  BatchCalls(client::IdentityClient& client, client::CallOptions options);
  BatchCalls(const BatchCalls&) = delete;
  BatchCalls& operator=(const BatchCalls&) = delete;
  // Waits for the calls that are in flight, which end by their time limit.
  ~BatchCalls();

  void Start(const Request& request, BatchItem item);

  // Readable once there is something to take.
  int descriptor() const;

  // What has completed since the last call. Does not block.
  std::vector<Completed> Take();

  // Calls that have started and have not been taken.
  int in_flight() const { return in_flight_; }

 private:
  // Shared with the callbacks, which run on gRPC's threads.
  struct Mailbox;

  client::IdentityClient& client_;
  const client::CallOptions options_;
  const std::shared_ptr<Mailbox> mailbox_;
  int in_flight_ = 0;
};

}  // namespace uid2::cli

#endif  // CLIENT_CLI_BATCH_CALLS_H_
