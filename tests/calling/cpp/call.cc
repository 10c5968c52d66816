// SPDX-License-Identifier: Apache-2.0

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include "google/protobuf/util/time_util.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace api = uid2::identity::v1;

constexpr std::chrono::seconds kDeadline{1};

// The reason, the fields at fault and the milliseconds to wait, if the error has them.
std::string Reasons(const grpc::Status& status) {
  google::rpc::Status details;
  // Empty if the call never reached the service.
  if (!details.ParseFromString(status.error_details())) return "";
  std::string words;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad_request;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      words += " " + info.reason();
    } else if (detail.UnpackTo(&bad_request)) {
      for (const auto& violation : bad_request.field_violations()) words += " " + violation.field();
    } else if (detail.UnpackTo(&retry)) {
      using google::protobuf::util::TimeUtil;
      const auto wait = TimeUtil::DurationToMilliseconds(retry.retry_delay());
      words += " retry in " + std::to_string(wait) + " ms";
    }
  }
  return words;
}

int Fail(const grpc::Status& status) {
  std::cerr << "code " << status.error_code() << Reasons(status) << std::endl;
  return 1;
}

// The authority of the server's certificate, and this client's certificate and key: PEM files. They
// are read again every few seconds, for new connections.
std::shared_ptr<grpc::ChannelCredentials> MutualTls(const char* ca, const char* certificate,
                                                    const char* key) {
  using grpc::experimental::FileWatcherCertificateProvider;
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<FileWatcherCertificateProvider>(key, certificate, ca, 5));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

int main(int argc, char** argv) {
  const auto credentials =
      argc > 3 ? MutualTls(argv[3], argv[4], argv[5]) : grpc::InsecureChannelCredentials();
  // A web tier shares one for the whole process.
  const auto service = api::IdentityService::NewStub(grpc::CreateChannel(argv[1], credentials));

  grpc::ClientContext generate;
  generate.set_deadline(std::chrono::system_clock::now() + kDeadline);
  api::GenerateIdentityRequest user;
  user.set_email(argv[2]);
  api::GenerateIdentityResponse generated;
  grpc::Status status = service->GenerateIdentity(&generate, user, &generated);
  if (!status.ok()) return Fail(status);
  if (generated.outcome() != api::GenerateIdentityResponse::ISSUED) {
    std::cout << api::GenerateIdentityResponse::Outcome_Name(generated.outcome()) << std::endl;
    return 0;
  }
  std::cout << generated.identity().json() << std::endl;

  grpc::ClientContext refresh;  // Each call needs its own.
  refresh.set_deadline(std::chrono::system_clock::now() + kDeadline);
  api::RefreshIdentityRequest request;
  request.set_identity_json(generated.identity().json());
  api::RefreshIdentityResponse refreshed;
  status = service->RefreshIdentity(&refresh, request, &refreshed);
  if (!status.ok()) return Fail(status);
  std::cout << api::RefreshIdentityResponse::Outcome_Name(refreshed.outcome()) << std::endl;
}
