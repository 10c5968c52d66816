// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_CLIENT_CPP_SCRIPTED_IDENTITY_SERVER_H_
#define TESTS_CLIENT_CPP_SCRIPTED_IDENTITY_SERVER_H_

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2::testing {

// An IdentityService on a free port whose answers the test decides.
class ScriptedIdentityServer : public identity::v1::IdentityService::Service {
 public:
  // `script` gets the number of the attempt, from 1, and decides its status; if that is OK, the
  // response contains an identity.
  using Script = std::function<grpc::Status(int attempt)>;

  explicit ScriptedIdentityServer(
      Script script,
      std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials(),
      const std::string& listen_address = "127.0.0.1:0")
      : script_(std::move(script)) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    // Without port reuse, two servers can never get the same port.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(listen_address, std::move(credentials), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    EXPECT_NE(server_, nullptr);
    SetServing(true);
  }

  ~ScriptedIdentityServer() override {
    hang_over_.Notify();
    server_->Shutdown();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  int attempts() const { return attempts_; }

  void SetServing(bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(
        identity::v1::IdentityService::service_full_name(), serving);
  }

  // From now on, sends this after every response: metadata before it would prevent retries.
  void Answer(const std::string& name, const std::string& value) { answer_ = {name, value}; }

  // The metadata of the last call.
  std::multimap<std::string, std::string> received() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return received_;
  }

  // For a script: blocks until this server is destroyed.
  void Hang() { hang_over_.WaitForNotification(); }

 private:
  void Exchange(grpc::ServerContext& context) {
    if (!answer_.first.empty()) context.AddTrailingMetadata(answer_.first, answer_.second);
    const std::lock_guard<std::mutex> lock(mutex_);
    received_.clear();
    for (const auto& [name, value] : context.client_metadata()) {
      received_.emplace(std::string(name.data(), name.size()),
                        std::string(value.data(), value.size()));
    }
  }

  grpc::Status GenerateIdentity(grpc::ServerContext* context,
                                const identity::v1::GenerateIdentityRequest* request,
                                identity::v1::GenerateIdentityResponse* response) override {
    Exchange(*context);
    const grpc::Status status = script_(++attempts_);
    response->set_outcome(identity::v1::GenerateIdentityResponse::ISSUED);
    response->mutable_identity()->set_advertising_token(request->email());
    return status;
  }

  grpc::Status RefreshIdentity(grpc::ServerContext* context,
                               const identity::v1::RefreshIdentityRequest* request,
                               identity::v1::RefreshIdentityResponse* response) override {
    Exchange(*context);
    const grpc::Status status = script_(++attempts_);
    response->set_outcome(identity::v1::RefreshIdentityResponse::NOT_DUE);
    response->mutable_identity()->set_json(request->identity_json());
    return status;
  }

  const Script script_;
  int port_ = 0;
  std::atomic<int> attempts_ = 0;
  std::pair<std::string, std::string> answer_;
  mutable std::mutex mutex_;
  std::multimap<std::string, std::string> received_;
  absl::Notification hang_over_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace uid2::testing

#endif  // TESTS_CLIENT_CPP_SCRIPTED_IDENTITY_SERVER_H_
