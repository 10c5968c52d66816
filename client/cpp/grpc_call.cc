// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/grpc_call.h"

#include <grpc/support/time.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace uid2::client {
namespace {

// gRPC does not tell how often it has sent a request, but it asks call credentials for metadata
// each time that it does. These add none.
class AttemptCounter : public grpc::MetadataCredentialsPlugin {
 public:
  explicit AttemptCounter(std::shared_ptr<std::atomic<int>> attempts)
      : attempts_(std::move(attempts)) {}

  bool IsBlocking() const override { return false; }
  grpc::Status GetMetadata(grpc::string_ref /*service_url*/, grpc::string_ref /*method_name*/,
                           const grpc::AuthContext& /*channel*/,
                           std::multimap<grpc::string, grpc::string>* /*metadata*/) override {
    ++*attempts_;
    return grpc::Status::OK;
  }

 private:
  const std::shared_ptr<std::atomic<int>> attempts_;
};

// A timespan counts on gRPC's monotonic clock, so a change of the system clock neither shortens nor
// extends the call.
gpr_timespec Timespan(absl::Duration timeout) {
  // An hour is practically unlimited, and an infinite duration cannot be converted.
  const absl::Duration bounded = std::clamp(timeout, absl::ZeroDuration(), absl::Hours(1));
  return gpr_time_from_nanos(absl::ToInt64Nanoseconds(bounded), GPR_TIMESPAN);
}

void Append(const std::multimap<grpc::string_ref, grpc::string_ref>& from, CallReport& report) {
  for (const auto& [name, value] : from) {
    report.metadata.emplace(std::string(name.data(), name.size()),
                            std::string(value.data(), value.size()));
  }
}

}  // namespace

GrpcCall::GrpcCall(const CallOptions& options)
    : report_(options.report), attempts_(std::make_shared<std::atomic<int>>(0)) {
  context_.set_deadline(Timespan(options.timeout));
  for (const auto& [name, value] : options.metadata) context_.AddMetadata(name, value);
  if (report_ == nullptr) return;
  // Nothing is added, so the channel need not be encrypted.
  context_.set_credentials(grpc::experimental::MetadataCredentialsFromPlugin(
      std::make_unique<AttemptCounter>(attempts_), GRPC_SECURITY_NONE));
}

void GrpcCall::Report() const {
  if (report_ == nullptr) return;
  *report_ = CallReport();
  report_->attempts = *attempts_;
  if (report_->attempts == 0) return;
  report_->peer = context_.peer();
  // There is none if no response arrived.
  Append(context_.GetServerInitialMetadata(), *report_);
  Append(context_.GetServerTrailingMetadata(), *report_);
}

}  // namespace uid2::client
