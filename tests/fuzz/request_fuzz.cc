// SPDX-License-Identifier: Apache-2.0

// Sends the input, as it is, as the request of each method to the real handlers behind a real gRPC
// server. The operator answers at once, in a way that depends on what it is asked.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/call/system_clock.h"
#include "server/identity/identity_json.h"
#include "server/operator/token_api.h"
#include "server/service/participant.h"
#include "server/status/reason.h"
#include "tests/fuzz/invariant.h"
#include "tests/rpc/handlers_server.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2 {
namespace {

using ::uid2::testing::HandlersServer;
using ::uid2::testing::Require;

// A shorter value may occur in a message by chance.
constexpr size_t kMinSecretSize = 8;

absl::optional<Identity> SomeIdentity() {
  return *ParseIdentity(R"({"advertising_token":"advertising","refresh_token":"refresh",)"
                        R"("refresh_from":1900000000000,"identity_expires":1900000100000,)"
                        R"("refresh_expires":1900000200000,"refresh_response_key":)"
                        R"("a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="})");
}

// Answers each call before it returns.
class InstantTokenApi : public TokenApi {
 public:
  void Generate(TokenGenerateRequest&& request, CallContext& /*context*/,
                Callback<TokenGenerateReply> done) override {
    using Outcome = TokenGenerateReply::Outcome;
    Require(!request.hash.empty(), "the operator gets a hash");
    switch (request.hash[0] % 4) {
      case 0:
        return std::move(done)(TokenGenerateReply{Outcome::kIssued, SomeIdentity()});
      case 1:
        return std::move(done)(TokenGenerateReply{Outcome::kOptedOut, absl::nullopt});
      case 2:
        return std::move(done)(TokenGenerateReply{Outcome::kInsufficientConsent, absl::nullopt});
      default:
        return std::move(done)(Unreachable());
    }
  }

  void Refresh(TokenRefreshRequest&& request, CallContext& /*context*/,
               Callback<TokenRefreshReply> done) override {
    using Outcome = TokenRefreshReply::Outcome;
    switch (request.refresh_token.size() % 5) {
      case 0:
        return std::move(done)(TokenRefreshReply{Outcome::kRefreshed, SomeIdentity()});
      case 1:
        return std::move(done)(TokenRefreshReply{Outcome::kOptedOut, absl::nullopt});
      case 2:
        return std::move(done)(TokenRefreshReply{Outcome::kTokenRefused, absl::nullopt});
      case 3:
        return std::move(done)(TokenRefreshReply{Outcome::kReplyNotOpened, absl::nullopt});
      default:
        return std::move(done)(Unreachable());
    }
  }

 private:
  static absl::Status Unreachable() {
    return MakeError(identity::v1::OPERATOR_UNREACHABLE, "the operator cannot be reached");
  }
};

std::vector<Participant> SomeParticipants() {
  static const SystemClock& clock = *new SystemClock;
  std::vector<Participant> participants;
  participants.push_back(
      {"strict", DiiPolicy::kStrict, std::make_unique<InstantTokenApi>(), clock, Scope::kUid2});
  participants.push_back(
      {"lenient", DiiPolicy::kOperator, std::make_unique<InstantTokenApi>(), clock, Scope::kEuid});
  return participants;
}

HandlersServer& Server() {
  // The server's log keeps every call, so a long run needs a new one from time to time.
  constexpr int kMaxCalls = 200000;
  // The last one is never destroyed: its threads would use OpenSSL after OpenSSL's own cleanup.
  static std::unique_ptr<HandlersServer>& server = *new std::unique_ptr<HandlersServer>;
  static int calls = 0;
  // protobuf would report each string that is not UTF-8 when Check() parses the input.
  google::protobuf::SetLogHandler(nullptr);
  if (++calls % kMaxCalls == 1) server = std::make_unique<HandlersServer>(SomeParticipants());
  return *server;
}

struct Answer {
  grpc::Status status;
  grpc::ByteBuffer response;
};

Answer Call(const char* method, absl::string_view request) {
  const grpc::Slice slice(request.data(), request.size());
  const grpc::ByteBuffer bytes(&slice, 1);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const std::unique_ptr<grpc::GenericClientAsyncResponseReader> call =
      grpc::GenericStub(Server().channel())
          .PrepareUnaryCall(&context, absl::StrCat("/uid2.identity.v1.IdentityService/", method),
                            bytes, &queue);
  Answer answer;
  call->StartCall();
  call->Finish(&answer.response, &answer.status, nullptr);
  void* tag;
  bool ok;
  Require(queue.Next(&tag, &ok) && ok, "the call ends");
  queue.Shutdown();
  return answer;
}

void RequireReason(const grpc::Status& status, Reason reason, const google::rpc::Status& details) {
  Require(reason != identity::v1::ERROR_REASON_UNSPECIFIED, "an error has a reason");
  Require(static_cast<int>(CodeOf(reason)) == status.error_code(), "the code fits the reason");
  Require(details.code() == status.error_code(), "the details repeat the code");
}

void CheckError(const grpc::Status& status) {
  google::rpc::Status details;
  Require(details.ParseFromString(status.error_details()), "an error has details");
  Require(details.details_size() > 0, "an error says why");
  google::rpc::ErrorInfo info;
  Require(details.details(0).UnpackTo(&info), "the first detail is an ErrorInfo");
  Reason reason = identity::v1::ERROR_REASON_UNSPECIFIED;
  Require(identity::v1::ErrorReason_Parse(info.reason(), &reason), "the reason is a known one");
  RequireReason(status, reason, details);
}

// No string of the request may come back in an error. A participant's name is no secret, but is
// not repeated either.
void CheckNoSecret(const google::protobuf::Message& request, const grpc::Status& status) {
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(request, &fields);
  for (const google::protobuf::FieldDescriptor* const field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
    const std::string value = reflection.GetString(request, field);
    if (value.size() < kMinSecretSize || field->name() == "participant") continue;
    Require(!absl::StrContains(status.error_message(), value), "a message repeats no input");
    Require(!absl::StrContains(status.error_details(), value), "nor does a detail");
  }
}

template <typename Request, typename Response>
void Check(const char* method, absl::string_view input) {
  Answer answer = Call(method, input);
  Request request;
  const bool parsed = request.ParseFromArray(input.data(), static_cast<int>(input.size()));
  if (answer.status.ok()) {
    Response response;
    Require(parsed, "only a message of the request's type is answered");
    Require(grpc::SerializationTraits<Response>::Deserialize(&answer.response, &response).ok(),
            "the response is of the method's type");
    Require(response.outcome() != 0, "a response has an outcome");
    return;
  }
  CheckError(answer.status);
  CheckNoSecret(request, answer.status);
}

void CheckBothMethods(absl::string_view input) {
  Check<identity::v1::GenerateIdentityRequest, identity::v1::GenerateIdentityResponse>(
      "GenerateIdentity", input);
  Check<identity::v1::RefreshIdentityRequest, identity::v1::RefreshIdentityResponse>(
      "RefreshIdentity", input);
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uid2::CheckBothMethods(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
