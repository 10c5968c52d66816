// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/called_method.h"

#include <grpcpp/support/slice.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/check.h"
#include "tests/bench/sample_identity.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::bench {
namespace {

using identity::v1::GenerateIdentityRequest;
using identity::v1::GenerateIdentityResponse;
using identity::v1::RefreshIdentityRequest;
using identity::v1::RefreshIdentityResponse;

template <typename Message>
grpc::ByteBuffer Serialized(const Message& message) {
  const std::string bytes = message.SerializeAsString();
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer GenerateRequest(uint64_t user) {
  GenerateIdentityRequest request;
  request.set_email(
      absl::StrCat("some.user.", absl::Dec(user, absl::kZeroPad9), "@publisher.example"));
  return Serialized(request);
}

grpc::ByteBuffer RefreshRequest(uint64_t user) {
  RefreshIdentityRequest request;
  request.set_identity_json(SampleIdentityJson(absl::ToUnixMillis(absl::Now()), user));
  request.set_force(true);
  return Serialized(request);
}

template <typename Response>
bool IsIssued(const grpc::ByteBuffer& reply, typename Response::Outcome outcome) {
  grpc::Slice slice;
  Response response;
  return reply.DumpToSingleSlice(&slice).ok() &&
         response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())) &&
         response.outcome() == outcome && !response.identity().advertising_token().empty() &&
         !response.identity().json().empty();
}

bool IsGenerated(const grpc::ByteBuffer& reply) {
  return IsIssued<GenerateIdentityResponse>(reply, GenerateIdentityResponse::ISSUED);
}

bool IsRefreshed(const grpc::ByteBuffer& reply) {
  return IsIssued<RefreshIdentityResponse>(reply, RefreshIdentityResponse::REFRESHED);
}

constexpr CalledMethod kGenerate = {"/uid2.identity.v1.IdentityService/GenerateIdentity",
                                    &GenerateRequest, &IsGenerated};
constexpr CalledMethod kRefresh = {"/uid2.identity.v1.IdentityService/RefreshIdentity",
                                   &RefreshRequest, &IsRefreshed};

}  // namespace

const CalledMethod& MethodNamed(absl::string_view name) {
  Check(name == "generate" || name == "refresh", "--method must be generate or refresh");
  return name == "generate" ? kGenerate : kRefresh;
}

}  // namespace uid2::bench
