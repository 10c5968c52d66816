// SPDX-License-Identifier: Apache-2.0

#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/caller.h"
#include "server/service/participant.h"
#include "tests/fakes/fake_token_api.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/rpc/error_detail.h"
#include "tests/rpc/handlers_server.h"
#include "tests/rpc/mutual_tls.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using uid2::testing::DetailOf;
using uid2::testing::FakeTokenApi;
using uid2::testing::HandlersServer;
using uid2::testing::HandlersServerOptions;
using uid2::testing::MutualTls;
using uid2::testing::ReasonIn;
using uid2::testing::SimulatedClock;
namespace v1 = identity::v1;

// A server with the participants "a" and "b", whose clients must have a certificate.
class AuthenticatedCallTest : public ::testing::Test {
 protected:
  void Serve(std::vector<CallerEntry> callers) {
    std::vector<Participant> participants;
    for (const char* name : {"a", "b"}) {
      participants.push_back({name, DiiPolicy::kStrict, std::make_unique<FakeTokenApi>(), clock_});
    }
    HandlersServerOptions server;
    server.callers = std::move(callers);
    server.credentials = tls_.Server();
    server.clock = &clock_;
    server_ = std::make_unique<HandlersServer>(std::move(participants), server);
  }

  // A client with a certificate for these names.
  std::unique_ptr<v1::IdentityService::Stub> Client(const std::string& names) {
    return v1::IdentityService::NewStub(
        grpc::CreateChannel(server_->address(), tls_.Client(names)));
  }

  // What becomes of a call that does not reach the operator.
  static grpc::Status Call(v1::IdentityService::Stub& client, const std::string& participant) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::GenerateIdentityRequest request;
    request.set_participant(participant);
    v1::GenerateIdentityResponse response;
    return client.GenerateIdentity(&context, request, &response);
  }

  // The log's line about the last call; empty if there is none.
  std::string Logged() const {
    const std::vector<std::string> lines = server_->log().callers();
    return lines.empty() ? "" : lines.back();
  }

  const MutualTls tls_{};
  SimulatedClock clock_{absl::Now()};
  std::unique_ptr<HandlersServer> server_;
};

struct CallCase {
  const char* situation;
  const char* certificate;
  const char* participant;
  // Why the call is refused. DII_MISSING: the caller may call this participant.
  const char* reason;
  // "caller|certificate name|participant" in the log.
  const char* logged;
};

class CallerTest : public AuthenticatedCallTest, public ::testing::WithParamInterface<CallCase> {};

TEST_P(CallerTest, IsHeldToWhatItsEntryAllows) {
  const CallCase& test = GetParam();
  Serve({{.san = "web.example", .participants = ParticipantAccess::To({"a"})},
         {.san = "spiffe://example/b", .participants = ParticipantAccess::To({"b"})},
         {.san = "spiffe://example/all"}});
  const grpc::Status status = Call(*Client(test.certificate), test.participant);
  EXPECT_THAT(ReasonIn(status), Eq(test.reason));
  EXPECT_THAT(Logged(), Eq(test.logged));
}

INSTANTIATE_TEST_SUITE_P(
    , CallerTest,
    ::testing::Values(
        CallCase{"dns_name", "DNS:web.example", "a", "DII_MISSING", "web.example||a"},
        CallCase{"uri", "URI:spiffe://example/b", "b", "DII_MISSING", "spiffe://example/b||b"},
        CallCase{"second_name", "URI:urn:x,DNS:web.example", "a", "DII_MISSING", "web.example||a"},
        CallCase{"its_participant_is_chosen", "URI:spiffe://example/b", "", "DII_MISSING",
                 "spiffe://example/b||b"},
        CallCase{"another_s_participant", "URI:spiffe://example/b", "a", "CALLER_NOT_ALLOWED",
                 "spiffe://example/b||"},
        CallCase{"unknown_participant", "URI:spiffe://example/b", "c", "CALLER_NOT_ALLOWED",
                 "spiffe://example/b||"},
        CallCase{"all_participants", "URI:spiffe://example/all", "b", "DII_MISSING",
                 "spiffe://example/all||b"},
        CallCase{"all_and_an_unknown_one", "URI:spiffe://example/all", "c", "PARTICIPANT_UNKNOWN",
                 "spiffe://example/all||"},
        CallCase{"all_and_none_named", "URI:spiffe://example/all", "", "PARTICIPANT_MISSING",
                 "spiffe://example/all||"},
        CallCase{"not_listed", "DNS:other.example", "a", "CALLER_NOT_ALLOWED", "|other.example|"},
        CallCase{"pattern", "DNS:*.example", "a", "CALLER_NOT_ALLOWED", "|*.example|"},
        CallCase{"common_name_only", "", "a", "CALLER_NOT_ALLOWED", "|CN=server|"},
        CallCase{"ip_address", "IP:127.0.0.1", "a", "CALLER_NOT_ALLOWED", "|CN=server|"},
        CallCase{"email", "email:web@web.example", "a", "CALLER_NOT_ALLOWED", "|CN=server|"},
        // "web.example\0.b"
        CallCase{"nul_in_a_name", "DER:30:10:82:0e:77:65:62:2e:65:78:61:6d:70:6c:65:00:2e:62", "a",
                 "CALLER_NOT_ALLOWED", "|web.example\\x00.b|"}),
    [](const auto& test) { return std::string(test.param.situation); });

TEST_F(AuthenticatedCallTest, ARefusalHasItsDetailsAndIsCountedAndTakesNoRoom) {
  Serve({{.san = "web.example"}});
  const grpc::Status status = Call(*Client("DNS:other.example"), "a");
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::PERMISSION_DENIED));
  EXPECT_THAT(ReasonIn(status), Eq("CALLER_NOT_ALLOWED"));
  EXPECT_THAT(status.error_message(), HasSubstr("list of callers"));
  EXPECT_THAT(server_->metrics().Total("grpc_server_handled_total", "PermissionDenied"), Eq(1));
  EXPECT_THAT(server_->metrics().Total("calls_in_flight"), Eq(0));
}

TEST_F(AuthenticatedCallTest, ARefusedParticipantIsNamedAsTheFieldAtFault) {
  Serve({{.san = "web.example", .participants = ParticipantAccess::To({"a"})}});
  const grpc::Status status = Call(*Client("DNS:web.example"), "b");
  EXPECT_THAT(status.error_code(), Eq(grpc::StatusCode::PERMISSION_DENIED));
  const auto fields = DetailOf<google::rpc::BadRequest>(status).field_violations();
  ASSERT_THAT(fields, SizeIs(1));
  EXPECT_THAT(fields[0].field(), Eq("participant"));
}

TEST_F(AuthenticatedCallTest, UnderStarTheCertificatesNameIsLoggedBesideTheEntry) {
  Serve({{.san = "web.example"}, {.san = "*"}});
  EXPECT_THAT(ReasonIn(Call(*Client("DNS:one.example"), "a")), Eq("DII_MISSING"));
  EXPECT_THAT(Logged(), Eq("*|one.example|a"));
  EXPECT_THAT(ReasonIn(Call(*Client("DNS:web.example"), "a")), Eq("DII_MISSING"));
  EXPECT_THAT(Logged(), Eq("web.example||a"));
}

TEST_F(AuthenticatedCallTest, ACertificateThatExpiresEndsTheCallsOfAnOpenConnection) {
  Serve({{.san = "web.example"}});
  const auto client = Client("DNS:web.example");
  EXPECT_THAT(ReasonIn(Call(*client, "a")), Eq("DII_MISSING"));
  clock_.Advance(absl::Hours(2));
  const grpc::Status status = Call(*client, "a");
  EXPECT_THAT(ReasonIn(status), Eq("CALLER_NOT_ALLOWED"));
  EXPECT_THAT(status.error_message(), HasSubstr("certificate expired on"));
  EXPECT_THAT(status.error_message(), HasSubstr("open a new connection"));
}

TEST_F(AuthenticatedCallTest, AResumedSessionHasItsCallerAndTheDatesOfItsCertificate) {
  Serve({{.san = "web.example"}});
  const std::shared_ptr<grpc::ChannelCredentials> credentials = tls_.Client("DNS:web.example");
  const std::unique_ptr<grpc_ssl_session_cache, decltype(&grpc_ssl_session_cache_destroy)> sessions(
      grpc_ssl_session_cache_create_lru(1), &grpc_ssl_session_cache_destroy);
  const grpc_arg cache = grpc_ssl_session_cache_create_channel_arg(sessions.get());
  bool resumed = false;
  // Each client has a connection of its own.
  const auto call = [&] {
    grpc::ChannelArguments arguments;
    arguments.SetPointerWithVtable(cache.key, cache.value.pointer.p, cache.value.pointer.vtable);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto client = v1::IdentityService::NewStub(
        grpc::CreateCustomChannel(server_->address(), credentials, arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    v1::GenerateIdentityRequest request;
    request.set_participant("a");
    v1::GenerateIdentityResponse response;
    const grpc::Status status = client->GenerateIdentity(&context, request, &response);
    const auto reused =
        context.auth_context()->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY);
    resumed = !reused.empty() && reused.front() == "true";
    return ReasonIn(status);
  };
  EXPECT_THAT(call(), Eq("DII_MISSING"));
  EXPECT_FALSE(resumed);
  EXPECT_THAT(call(), Eq("DII_MISSING"));
  EXPECT_TRUE(resumed);
  EXPECT_THAT(Logged(), Eq("web.example||a"));
  clock_.Advance(absl::Hours(2));
  EXPECT_THAT(call(), Eq("CALLER_NOT_ALLOWED"));
  EXPECT_TRUE(resumed);
}

TEST_F(AuthenticatedCallTest, WithoutAuthenticationNoCallerIsLogged) {
  std::vector<Participant> participants;
  participants.push_back({"a", DiiPolicy::kStrict, std::make_unique<FakeTokenApi>(), clock_});
  const HandlersServer open(std::move(participants));
  EXPECT_THAT(ReasonIn(Call(*v1::IdentityService::NewStub(open.channel()), "")), Eq("DII_MISSING"));
  EXPECT_THAT(open.log().callers(), ElementsAre("||a"));
}

}  // namespace
}  // namespace uid2
