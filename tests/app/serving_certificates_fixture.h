// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_APP_SERVING_CERTIFICATES_FIXTURE_H_
#define TESTS_APP_SERVING_CERTIFICATES_FIXTURE_H_

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
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/readiness.h"
#include "server/app/serving_certificates.h"
#include "server/config/configuration.h"
#include "server/event/file_watcher.h"
#include "server/telemetry/metrics.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/fakes/simulated_clock.h"
#include "tests/fakes/test_certificates.h"
#include "tests/matchers/status_matchers.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2::testing {

class CountingService : public identity::v1::IdentityService::Service {
 public:
  grpc::Status GenerateIdentity(grpc::ServerContext* /*context*/,
                                const identity::v1::GenerateIdentityRequest* /*request*/,
                                identity::v1::GenerateIdentityResponse* /*response*/) override {
    ++calls;
    return grpc::Status::OK;
  }

  std::atomic<int> calls = 0;
};

// A server that certificates in `folder_` serve. Clients trust `server_ca_`; the server trusts the
// authorities in ca.crt, at first `client_ca_`.
class ServingCertificatesTest : public ::testing::Test {
 protected:
  // What one client has seen, over a connection of its own.
  struct Seen {
    grpc::StatusCode code;
    // The common name of the server's certificate.
    std::string server;
  };

  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    ReplacePair("first");
    Replace("ca.crt", client_ca_.certificate());
  }

  void TearDown() override {
    if (server_ != nullptr) server_->Shutdown();
  }

  void Replace(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ + "/new", std::ios::trunc) << content;
    std::filesystem::rename(folder_ + "/new", folder_ + "/" + name);
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

  // Returns once the watcher has checked all files `count` more times.
  void AwaitChecks(int count) const {
    int checks = 0;
    absl::Notification enough;
    const auto watch = watcher_->Begin({.paths = {},
                                        .load = [] { return absl::OkStatus(); },
                                        .report = nullptr,
                                        .checked =
                                            [&] {
                                              if (++checks == count) enough.Notify();
                                            }});
    ASSERT_THAT(watch, IsOk());
    ASSERT_TRUE(enough.WaitForNotificationWithTimeout(absl::Seconds(10)));
  }

  Seen Call(const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel =
        grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port_), credentials, arguments);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    identity::v1::GenerateIdentityResponse response;
    const grpc::Status status =
        identity::v1::IdentityService::NewStub(channel)->GenerateIdentity(&context, {}, &response);
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
      EXPECT_THAT(seen.code, ::testing::Eq(grpc::StatusCode::OK));
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

}  // namespace uid2::testing

#endif  // TESTS_APP_SERVING_CERTIFICATES_FIXTURE_H_
