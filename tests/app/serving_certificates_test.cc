// SPDX-License-Identifier: Apache-2.0

#include "server/app/serving_certificates.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/readiness.h"
#include "server/event/file_watcher.h"
#include "server/telemetry/certificate_metrics.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using uid2::testing::IsOk;
using uid2::testing::RecordingEventLog;
using uid2::testing::SimulatedClock;
using uid2::testing::StatusIs;
using uid2::testing::TestAuthority;
using uid2::testing::TestCertificate;
using uid2::testing::TestCertificateRequest;
namespace v1 = identity::v1;
namespace fs = std::filesystem;

class CountingService : public v1::IdentityService::Service {
 public:
  grpc::Status GenerateIdentity(grpc::ServerContext* /*context*/,
                                const v1::GenerateIdentityRequest* /*request*/,
                                v1::GenerateIdentityResponse* /*response*/) override {
    ++calls;
    return grpc::Status::OK;
  }

  std::atomic<int> calls = 0;
};

// What one client has seen, over a connection of its own.
struct Seen {
  grpc::StatusCode code;
  // The common name of the server's certificate.
  std::string server;
};

// A server that certificates in `folder_` serve. Clients trust `server_ca_`; the server trusts the
// authorities in ca.crt, at first `client_ca_`.
class ServingCertificatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    ReplacePair("first");
    Replace("ca.crt", client_ca_.certificate());
  }

  void TearDown() override {
    if (server_ != nullptr) server_->Shutdown();
  }

  void Replace(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ + "/new", std::ios::trunc) << content;
    fs::rename(folder_ + "/new", folder_ + "/" + name);
  }

  TestCertificate Pair(const std::string& name) const {
    return server_ca_.Issue(
        TestCertificateRequest{.name = name, .alternative_name = "IP:127.0.0.1"});
  }

  void ReplacePair(const std::string& name) const {
    const TestCertificate pair = Pair(name);
    Replace("tls.crt", pair.certificate);
    Replace("tls.key", pair.key);
  }

  absl::Status Open() {
    absl::StatusOr<std::unique_ptr<ServingCertificates>> certificates =
        ServingCertificates::Open(configuration_, *watcher_, clock_, metrics_, readiness_, events_);
    if (!certificates.ok()) return certificates.status();
    certificates_ = *std::move(certificates);
    return absl::OkStatus();
  }

  void Serve() {
    ASSERT_THAT(Open(), IsOk());
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", certificates_->credentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_TRUE(server_ != nullptr && port_ != 0);
  }

  Seen Call(const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel =
        grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port_), credentials, arguments);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::GenerateIdentityResponse response;
    const grpc::Status status =
        v1::IdentityService::NewStub(channel)->GenerateIdentity(&context, {}, &response);
    Seen seen = {status.error_code(), ""};
    if (const auto peer = context.auth_context(); peer != nullptr) {
      for (const grpc::string_ref& name : peer->FindPropertyValues("x509_common_name")) {
        seen.server.assign(name.data(), name.size());
      }
    }
    return seen;
  }

  Seen CallWith(const TestCertificate& client) {
    return Call(grpc::SslCredentials({server_ca_.certificate(), client.key, client.certificate}));
  }

  // A client that the server accepts at first.
  Seen Call() { return CallWith(client_); }

  // Calls until a new connection sees this server certificate, which takes a second.
  bool AwaitServer(const std::string& name) {
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (absl::Now() < end) {
      const Seen seen = Call();
      EXPECT_THAT(seen.code, Eq(grpc::StatusCode::OK));
      if (seen.server == name) return true;
    }
    return false;
  }

  const std::string folder_ = ::testing::TempDir() + "/certificates";
  const TestAuthority server_ca_ = TestAuthority("server CA");
  const TestAuthority client_ca_ = TestAuthority("client CA");
  const TestCertificate client_ = client_ca_.Issue("DNS:web.example.test");
  TlsConfiguration configuration_ = {
      {folder_ + "/tls.crt", folder_ + "/tls.key", folder_ + "/ca.crt"}, folder_ + "/run"};
  SimulatedClock clock_{absl::Now()};
  Metrics metrics_;
  Readiness readiness_{metrics_};
  RecordingEventLog events_;
  const std::unique_ptr<FileWatcher> watcher_ = *FileWatcher::New(absl::Milliseconds(2));
  std::unique_ptr<ServingCertificates> certificates_;
  CountingService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ServingCertificatesTest, ServesTheFirstConnection) {
  Serve();
  const Seen seen = Call();
  EXPECT_THAT(seen.code, Eq(grpc::StatusCode::OK));
  EXPECT_THAT(seen.server, Eq("first"));
  EXPECT_THAT(events_.Await("serving TLS with client authentication"), Not(IsEmpty()));
}

TEST_F(ServingCertificatesTest, RefusesClientsInTheHandshakeAndRunsNoHandler) {
  Serve();
  const TestCertificate kClients[] = {
      {},
      TestAuthority("unknown CA").Issue("DNS:web.example.test"),
      client_ca_.Issue("DNS:web.example.test", /*valid_until=*/-absl::Minutes(1)),
      client_ca_.Issue(TestCertificateRequest{.name = "early", .valid_from = absl::Minutes(10)}),
      client_ca_.Issue(
          TestCertificateRequest{.name = "server", .extended_key_usage = "serverAuth"}),
  };
  for (const TestCertificate& client : kClients) {
    EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::UNAVAILABLE)) << client.certificate;
  }
  EXPECT_THAT(Call(grpc::InsecureChannelCredentials()).code, Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(service_.calls, Eq(0));
  EXPECT_THAT(Call().code, Eq(grpc::StatusCode::OK));
}

TEST_F(ServingCertificatesTest, WithoutClientAuthoritiesServesEveryClient) {
  configuration_.files.client_ca.clear();
  Serve();
  EXPECT_THAT(CallWith({}).code, Eq(grpc::StatusCode::OK));
  EXPECT_THAT(Call(grpc::InsecureChannelCredentials()).code, Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(service_.calls, Eq(1));
}

TEST_F(ServingCertificatesTest, FailsToOpenWithBadFilesOrABadFolder) {
  Replace("tls.crt", "junk");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tls.crt: ")));
  ReplacePair("second");
  fs::permissions(folder_ + "/run", fs::perms::all);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("runtime_dir: ")));
}

TEST_F(ServingCertificatesTest, AFolderThatSomebodyElseRemovesIsMadeAgain) {
  Serve();
  fs::rename(folder_ + "/run", folder_ + "/moved");
  EXPECT_THAT(events_.Await("have been written again"), HasSubstr("keep cleaners"));
  EXPECT_TRUE(fs::exists(folder_ + "/run/current/private_key.pem"));
  ReplacePair("second");
  EXPECT_TRUE(AwaitServer("second"));
}

TEST_F(ServingCertificatesTest, AFolderThatCannotBeMadeAgainIsLoggedOnceAndServingContinues) {
  configuration_.runtime_dir = folder_ + "/parent/run";
  fs::create_directory(folder_ + "/parent");
  Serve();
  fs::rename(folder_ + "/parent", folder_ + "/moved");
  EXPECT_THAT(events_.Await("changed ones cannot be used"), HasSubstr("cannot create it"));
  (void)events_.Take();
  EXPECT_THAT(Call().server, Eq("first"));
  fs::create_directory(folder_ + "/parent");
  EXPECT_THAT(events_.Await("have been written again"), Not(HasSubstr("cannot create it")));
}

TEST_F(ServingCertificatesTest, TheLastOfSeveralSetsInASecondIsUsed) {
  Serve();
  for (const char* name : {"second", "third", "fourth"}) {
    ReplacePair(name);
    EXPECT_THAT(events_.Await("the changed certificate files are in use"), Not(IsEmpty()));
    (void)events_.Take();
  }
  EXPECT_TRUE(AwaitServer("fourth"));
}

TEST_F(ServingCertificatesTest, KeepsTheLastGoodSetWhileTheFilesCannotBeUsed) {
  Serve();
  const struct {
    const char* file;
    std::string content;
    const char* problem;
  } kBad[] = {
      {"tls.key", Pair("other").key, "tls.key: the private key does not belong"},
      {"tls.crt", "junk", "tls.crt: it contains no certificate"},
      {"ca.crt", "junk", "ca.crt: it contains no certificate"},
      {"ca.crt", client_.key, "ca.crt: it contains a private key"},
  };
  for (const auto& bad : kBad) {
    const std::string good = folder_ + "/good";
    fs::rename(folder_ + "/" + bad.file, good);
    EXPECT_THAT(events_.Await("No such file"), HasSubstr("the earlier ones, whose certificate is"));
    EXPECT_THAT(Call().server, Eq("first"));
    Replace(bad.file, bad.content);
    EXPECT_THAT(events_.Await(bad.problem),
                HasSubstr("the changed certificate files are not used"));
    EXPECT_THAT(metrics_.Total("certificate_reload_failing"), Eq(1));
    EXPECT_THAT(Call().server, Eq("first"));
    EXPECT_THAT(Call().code, Eq(grpc::StatusCode::OK));
    (void)events_.Take();
    fs::rename(good, folder_ + "/" + bad.file);
    EXPECT_THAT(events_.Await("but they contain the set in use"), HasSubstr("is valid until"));
    EXPECT_THAT(metrics_.Total("certificate_reload_failing"), Eq(0));
    (void)events_.Take();
  }
  EXPECT_THAT(metrics_.Total("certificate_reload_total", "success"), Eq(4));
  EXPECT_THAT(metrics_.Total("certificate_reload_total", "failure"), Eq(8));
  ReplacePair("second");
  EXPECT_TRUE(AwaitServer("second"));
}

TEST_F(ServingCertificatesTest, ASetThatIsNotValidYetIsUsedOnceItIs) {
  Serve();
  const TestCertificate pair = server_ca_.Issue(TestCertificateRequest{
      .name = "later", .valid_from = absl::Minutes(20), .valid_until = absl::Hours(3)});
  Replace("tls.crt", pair.certificate);
  Replace("tls.key", pair.key);
  EXPECT_THAT(events_.Await("is not valid before"), HasSubstr("certificate 1 (CN=later)"));
  (void)events_.Take();
  clock_.Advance(absl::Minutes(30));
  EXPECT_THAT(events_.Await("the changed certificate files are in use"), Not(IsEmpty()));
}

TEST_F(ServingCertificatesTest, ClientsOfBothAuthoritiesAreServedBetweenTheOldAndTheNew) {
  const TestAuthority next("next client CA");
  const TestCertificate client = next.Issue("DNS:web.example.test");
  Serve();
  EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::UNAVAILABLE));
  Replace("ca.crt", client_ca_.certificate() + next.certificate());
  ReplacePair("both");
  ASSERT_TRUE(AwaitServer("both"));
  EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::OK));
  EXPECT_THAT(CallWith(client_).code, Eq(grpc::StatusCode::OK));
  (void)events_.Take();
  Replace("ca.crt", next.certificate());
  EXPECT_THAT(events_.Await("the changed certificate files are in use"), Not(IsEmpty()));
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (CallWith(client_).code == grpc::StatusCode::OK && absl::Now() < end) {
    EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::OK));
  }
  EXPECT_THAT(CallWith(client_).code, Eq(grpc::StatusCode::UNAVAILABLE));
  EXPECT_THAT(CallWith(client).code, Eq(grpc::StatusCode::OK));
}

TEST_F(ServingCertificatesTest, TheEndOfTheCertificateIsMeasuredAndWarnedOf) {
  ASSERT_THAT(Open(), IsOk());
  const int64_t end = metrics_.Total("tls_cert_not_after_seconds", "server");
  EXPECT_THAT(absl::FromUnixSeconds(end) - clock_.Now(), ::testing::Le(absl::Hours(1)));
  EXPECT_THAT(absl::FromUnixSeconds(end) - clock_.Now(), ::testing::Gt(absl::Minutes(50)));
  clock_.Advance(absl::Minutes(45));
  EXPECT_THAT(events_.Await("CN=first expires on"), HasSubstr("replace it before that"));
  clock_.Advance(absl::Minutes(45));
  EXPECT_THAT(events_.Await("CN=first expired on"), HasSubstr("replace it now"));
}

}  // namespace
}  // namespace uid2
