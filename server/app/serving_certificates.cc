// SPDX-License-Identifier: Apache-2.0

#include "server/app/serving_certificates.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "server/crypto/certificate.h"
#include "server/secrets/secret_access.h"

namespace uid2 {
namespace {

// The names of the published files.
constexpr char kCertificate[] = "certificate.pem";
constexpr char kPrivateKey[] = "private_key.pem";
constexpr char kClientCa[] = "client_ca.pem";

// How often gRPC reads the published files; its minimum. It reads one after another, but begins
// again if a modification time of the key or the certificate has changed in the meantime, and
// PrivateFolder gives each set other times. It reads the authorities apart from these two, so for
// one period it may use those of the earlier set.
constexpr unsigned int kReadPeriodSeconds = 1;

// Shows the certificate that is the first to end, if there is any.
void Show(const std::vector<CertificateSummary>& certificates, const CertificateEnd& end) {
  const auto first = std::min_element(
      certificates.begin(), certificates.end(),
      [](const CertificateSummary& a, const CertificateSummary& b) { return a.ends < b.ends; });
  if (first == certificates.end()) return;
  end.not_before.Set(static_cast<double>(absl::ToUnixSeconds(first->begins)));
  end.not_after.Set(static_cast<double>(absl::ToUnixSeconds(first->ends)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServingCertificates>> ServingCertificates::Open(
    const TlsConfiguration& configuration, FileWatcher& watcher, const CivilClock& clock,
    Metrics& metrics, Readiness& readiness, EventLog& events) {
  absl::StatusOr<std::unique_ptr<PrivateFolder>> folder =
      PrivateFolder::Open(configuration.runtime_dir, {kCertificate, kPrivateKey, kClientCa});
  if (!folder.ok()) {
    return absl::Status(folder.status().code(),
                        absl::StrCat("runtime_dir: ", folder.status().message()));
  }
  auto result = absl::WrapUnique(new ServingCertificates(configuration, *std::move(folder), clock,
                                                         metrics, readiness, events));
  const CertificateFiles& files = result->files_;
  std::vector<std::string> paths = {files.certificate, files.private_key};
  if (result->authenticates_clients_) paths.push_back(files.client_ca);
  absl::StatusOr<std::unique_ptr<FileWatcher::Watch>> watch = watcher.Begin(
      {.paths = std::move(paths),
       .load = [self = result.get()] { return self->Load(); },
       .report = [self = result.get()](const absl::Status& status) { self->Report(status); },
       .checked =
           [self = result.get()] {
             self->Restore();
             const absl::Time now = self->clock_.Now();
             self->age_log_.Check(*self->in_use_, now);
             self->readiness_.CheckCertificate(self->in_use_->ChainEnds(), now);
           }});
  if (!watch.ok()) return watch.status();
  result->watch_ = *std::move(watch);
  // Reads the files that Load() has published.
  result->credentials_ = result->MakeCredentials();
  return result;
}

ServingCertificates::ServingCertificates(const TlsConfiguration& configuration,
                                         std::unique_ptr<PrivateFolder> folder,
                                         const CivilClock& clock, Metrics& metrics,
                                         Readiness& readiness, EventLog& events)
    : files_(configuration.files),
      authenticates_clients_(configuration.authenticates_clients()),
      folder_(std::move(folder)),
      clock_(clock),
      metrics_(CertificateMetrics::In(metrics, authenticates_clients_)),
      readiness_(readiness),
      events_(events),
      age_log_(files_, events) {}

absl::Status ServingCertificates::Load() {
  LoadedCertificateSet loaded = LoadCertificateSet(files_, clock_.Now());
  if (!loaded.set.has_value()) {
    return absl::InvalidArgumentError(absl::StrJoin(
        loaded.problems, "; ", [](std::string* out, const LoadedCertificateSet::Problem& problem) {
          absl::StrAppend(out, problem.text);
        }));
  }
  return Publish(*std::move(loaded.set));
}

absl::Status ServingCertificates::Publish(CertificateSet set) {
  const absl::Time now = clock_.Now();
  changed_ = !(in_use_ == set);
  if (!changed_) return absl::OkStatus();
  absl::Status status = Write(set);
  if (!status.ok()) return status;
  const bool is_first = !in_use_.has_value();
  in_use_ = std::move(set);
  readiness_.CheckCertificate(in_use_->ChainEnds(), now);
  metrics_.loaded.Set(static_cast<double>(absl::ToUnixSeconds(now)));
  Show(in_use_->chain, metrics_.server);
  Show(in_use_->client_authorities, metrics_.client_ca);
  if (is_first) {
    events_.Event(Severity::kInfo,
                  absl::StrCat("serving TLS ", authenticates_clients_ ? "with" : "without",
                               " client authentication; the certificate is valid until ",
                               DateText(in_use_->ChainEnds())));
  }
  return absl::OkStatus();
}

absl::Status ServingCertificates::Write(const CertificateSet& set) {
  std::vector<PrivateFolder::File> files = {{kCertificate, set.certificate},
                                            {kPrivateKey, set.private_key.Reveal(SecretAccess())}};
  if (authenticates_clients_) files.push_back({kClientCa, set.client_ca});
  return folder_->Publish(files);
}

void ServingCertificates::Restore() {
  if (folder_->IsPublished()) return;
  const absl::Status status = Write(*in_use_);
  if (!status.ok() && status == restored_) return;
  restored_ = status;
  events_.Event(status.ok() ? Severity::kWarning : Severity::kError,
                absl::StrCat("the certificates in runtime_dir were removed, but not by this server",
                             status.ok() ? ", and have been written again; keep cleaners of "
                                           "temporary files away from it"
                                         : "; they stay in use, but changed ones cannot be used: ",
                             status.message()));
}

void ServingCertificates::Report(const absl::Status& status) {
  metrics_.reload.Changed(status.ok());
  if (!status.ok()) {
    events_.Event(Severity::kError,
                  absl::StrCat("the changed certificate files are not used, but the earlier ones, ",
                               Validity(), ": ", status.message()));
    return;
  }
  events_.Event(Severity::kInfo,
                absl::StrCat(changed_ ? "the changed certificate files are in use, "
                                      : "the certificate files have changed, but they contain the "
                                        "set in use, ",
                             Validity()));
  for (const std::string& notice : in_use_->notices) events_.Event(Severity::kWarning, notice);
}

std::string ServingCertificates::Validity() const {
  return absl::StrCat("whose certificate is valid until ", DateText(in_use_->ChainEnds()));
}

std::shared_ptr<grpc::ServerCredentials> ServingCertificates::MakeCredentials() const {
  using grpc::experimental::FileWatcherCertificateProvider;
  auto provider = std::make_shared<FileWatcherCertificateProvider>(
      folder_->CurrentPath(kPrivateKey), folder_->CurrentPath(kCertificate),
      authenticates_clients_ ? folder_->CurrentPath(kClientCa) : "", kReadPeriodSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(std::move(provider));
  options.watch_identity_key_cert_pairs();
  if (authenticates_clients_) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace uid2
