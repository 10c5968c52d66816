// SPDX-License-Identifier: Apache-2.0

#include "server/app/readiness.h"

#include "absl/strings/str_cat.h"
#include "server/crypto/certificate.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {

using identity::v1::IdentityService;

Readiness::Readiness(Metrics& metrics)
    : metrics_(ReadinessMetrics::In(metrics, IdentityService::service_full_name())),
      health_({IdentityService::service_full_name()}) {
  absl::MutexLock lock(&mutex_);
  Publish();
}

void Readiness::Started() {
  absl::MutexLock lock(&mutex_);
  started_ = true;
  Publish();
}

void Readiness::CheckCertificate(absl::Time end, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  certificate_end_ = end;
  certificate_expired_ = now > end;
  Publish();
}

void Readiness::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  health_.Drain();
  Publish();
}

absl::Status Readiness::status() const {
  absl::MutexLock lock(&mutex_);
  return status_;
}

void Readiness::Publish() {
  status_ = Judge();
  health_.SetServing(status_.ok());
  for (const Gauge& serving : {metrics_.serving_overall, metrics_.serving_service}) {
    serving.Set(status_.ok() ? 1 : 0);
  }
  metrics_.draining.Set(draining_ ? 1 : 0);
}

absl::Status Readiness::Judge() const {
  if (draining_) return absl::UnavailableError("draining: this replica is about to end");
  if (!started_) return absl::UnavailableError("starting");
  if (certificate_expired_) {
    return absl::UnavailableError(
        absl::StrCat("the server's certificate expired on ", DateText(certificate_end_),
                     "; replace tls.certificate_file and tls.private_key_file"));
  }
  return absl::OkStatus();
}

}  // namespace uid2
