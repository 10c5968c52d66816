// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_IDENTITY_CLIENT_H_
#define CLIENT_CPP_IDENTITY_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/call_options.h"
#include "client/cpp/channel.h"
#include "client/cpp/channel_options.h"
#include "server/status/reason.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2::client {

// A client of the identity service for C++ web tiers. See
// proto/uid2/identity/v1/identity_service.proto for the requests and outcomes.
//
// OPTED_OUT and LOGIN_REQUIRED are outcomes of an OK response. Errors carry the server's reason,
// field and time to wait, which ReasonOf(), FieldOf() and RetryAfterOf() in server/status/reason.h
// read. An error without a reason is kUnavailable if the service cannot be reached, or
// kDeadlineExceeded if the timeout has expired. If TLS may be why it cannot be reached, the message
// says what to check; `identityctl health` with the same files finds out.
//
// Keep one client for the life of the process, because it owns the connections. Thread-safe.
//
// With TLS, call OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) first in main(). Threads of
// gRPC may outlive the client and main(), and OpenSSL's clean-up at exit frees what they use.
class IdentityClient {
 public:
  using GenerateRequest = identity::v1::GenerateIdentityRequest;
  using GenerateResponse = identity::v1::GenerateIdentityResponse;
  using RefreshRequest = identity::v1::RefreshIdentityRequest;
  using RefreshResponse = identity::v1::RefreshIdentityResponse;

  template <typename Response>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Response>) &&>;

  static constexpr absl::Duration kDefaultTimeout = CallOptions::kDefaultTimeout;

  // Connects on the first call. Fails like MakeChannel().
  static absl::StatusOr<std::unique_ptr<IdentityClient>> New(const ChannelOptions& options);

  // Uses the caller's own channel, with its load balancing and retries.
  explicit IdentityClient(std::shared_ptr<grpc::Channel> channel)
      : IdentityClient(std::move(channel), nullptr) {}

  // Blocking. A time limit converts to CallOptions.
  absl::StatusOr<GenerateResponse> GenerateIdentity(const GenerateRequest& request,
                                                    const CallOptions& options = {});
  absl::StatusOr<RefreshResponse> RefreshIdentity(const RefreshRequest& request,
                                                  const CallOptions& options = {});

  // Return at once. `done` runs exactly once, on one of gRPC's threads, and must not block. It may
  // still run after this client has been destroyed.
  void GenerateIdentity(GenerateRequest request, const CallOptions& options,
                        Callback<GenerateResponse> done);
  void RefreshIdentity(RefreshRequest request, const CallOptions& options,
                       Callback<RefreshResponse> done);

  // OK if the server accepts calls; kUnavailable if it is draining or cannot be reached.
  absl::Status CheckHealth(const CallOptions& options = {});

  // Blocks until the server accepts calls, or until the time limit ends; then returns the last
  // failure. Returns at once if waiting cannot help, such as for a server without health checks. OK
  // does not mean that this client may call: health is answered for every client that can connect.
  absl::Status AwaitServing(const CallOptions& options = {});

 private:
  // How the channel was made; null if that is not known. Callbacks outlive the client.
  using OptionsPtr = std::shared_ptr<const ChannelOptions>;

  IdentityClient(std::shared_ptr<grpc::Channel> channel, OptionsPtr options);

  const std::shared_ptr<grpc::Channel> channel_;
  const OptionsPtr options_;
  const std::unique_ptr<identity::v1::IdentityService::Stub> stub_;
};

}  // namespace uid2::client

#endif  // CLIENT_CPP_IDENTITY_CLIENT_H_
