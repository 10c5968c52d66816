#ifndef CLIENT_CPP_IDENTITY_CLIENT_H_
#define CLIENT_CPP_IDENTITY_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/channel.h"
#include "server/status/reason.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {

// The identity service, for C++ web tiers. What the requests and outcomes mean:
// proto/uid2/identity/v1/identity_service.proto.
//
// An opt-out or a login that is needed is an outcome of an OK response. Errors carry the server's
// reason, field and time to wait: ReasonOf(), FieldOf() and RetryAfterOf() of
// server/status/reason.h. Without a reason: kUnavailable, no connection to the service;
// kDeadlineExceeded, the time given has passed.
//
// Keep one client for the life of the process: it holds the connections. Thread-safe.
class IdentityClient {
 public:
  using GenerateRequest = identity::v1::GenerateIdentityRequest;
  using GenerateResponse = identity::v1::GenerateIdentityResponse;
  using RefreshRequest = identity::v1::RefreshIdentityRequest;
  using RefreshResponse = identity::v1::RefreshIdentityResponse;

  template <typename Response>
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Response>) &&>;

  // For a whole call, with all attempts at it: as long as the server itself takes at most by
  // default. A page that would rather show without an identity gives less; under half a second a
  // slow operator looks like a broken one.
  static constexpr absl::Duration kDefaultTimeout = absl::Seconds(5);

  // Connects at the first call. Errors are MakeChannel()'s.
  static absl::StatusOr<std::unique_ptr<IdentityClient>> New(const ChannelOptions& options);

  // Over a channel of the caller's own, with its balancing and retries.
  explicit IdentityClient(std::shared_ptr<grpc::Channel> channel);

  // Blocking. A `timeout` of zero or less fails at once.
  absl::StatusOr<GenerateResponse> GenerateIdentity(const GenerateRequest& request,
                                                    absl::Duration timeout = kDefaultTimeout);
  absl::StatusOr<RefreshResponse> RefreshIdentity(const RefreshRequest& request,
                                                  absl::Duration timeout = kDefaultTimeout);

  // Return at once. `done` runs exactly once, on a thread of gRPC's, and must not block; it may
  // still run after this client has gone.
  void GenerateIdentity(GenerateRequest request, absl::Duration timeout,
                        Callback<GenerateResponse> done);
  void RefreshIdentity(RefreshRequest request, absl::Duration timeout,
                       Callback<RefreshResponse> done);

  // OK where the server takes calls. kUnavailable: it is draining, or cannot be reached.
  absl::Status CheckHealth(absl::Duration timeout = kDefaultTimeout);

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<identity::v1::IdentityService::Stub> stub_;
};

}  // namespace uid2

#endif  // CLIENT_CPP_IDENTITY_CLIENT_H_
