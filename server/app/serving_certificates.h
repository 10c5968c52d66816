// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_SERVING_CERTIFICATES_H_
#define SERVER_APP_SERVING_CERTIFICATES_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/app/certificate_age_log.h"
#include "server/app/readiness.h"
#include "server/call/clock.h"
#include "server/config/configuration.h"
#include "server/event/file_watcher.h"
#include "server/secrets/certificate_set.h"
#include "server/secrets/private_folder.h"
#include "server/telemetry/certificate_metrics.h"
#include "server/telemetry/event_log.h"
#include "server/telemetry/metrics.h"

namespace uid2 {

// The certificates with which the server serves TLS. Follows changes of their files: a set that is
// valid is published to gRPC, which uses it for new connections within two seconds; one that is not
// is logged, and the earlier set stays in use. A published set that somebody else removes is
// published again. Also logs when a certificate in use comes near its end, and makes the replica
// unready when its own has ended. Thread-safe.
class ServingCertificates {
 public:
  // Loads and publishes the certificates, so that they serve the first connection. Fails with
  // kInvalidArgument if they are not valid or the runtime_dir cannot be used. The other objects
  // must outlive this one.
  static absl::StatusOr<std::unique_ptr<ServingCertificates>> Open(
      const TlsConfiguration& configuration, FileWatcher& watcher, const CivilClock& clock,
      Metrics& metrics, Readiness& readiness, EventLog& events);

  ServingCertificates(const ServingCertificates&) = delete;
  ServingCertificates& operator=(const ServingCertificates&) = delete;

  // The server must be shut down before this object is destroyed.
  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }

 private:
  ServingCertificates(const TlsConfiguration& configuration, std::unique_ptr<PrivateFolder> folder,
                      const CivilClock& clock, Metrics& metrics, Readiness& readiness,
                      EventLog& events);

  absl::Status Load();
  absl::Status Publish(CertificateSet set);
  absl::Status Write(const CertificateSet& set);
  // Writes the set in use again if somebody else has removed it.
  void Restore();
  void Report(const absl::Status& status);
  // "whose certificate is valid until 2027-01-31 12:00 UTC"
  std::string Validity() const;
  std::shared_ptr<grpc::ServerCredentials> MakeCredentials() const;

  const CertificateFiles files_;
  const bool authenticates_clients_;
  const std::unique_ptr<PrivateFolder> folder_;
  const CivilClock& clock_;
  const CertificateMetrics metrics_;
  Readiness& readiness_;
  EventLog& events_;
  // From here on, used only by Open() and, after that, on the watcher's thread. The set in use is
  // not set until the first one has been published.
  absl::optional<CertificateSet> in_use_;
  // Whether the last load brought another set.
  bool changed_ = false;
  CertificateAgeLog age_log_;
  // The last result of Restore().
  absl::Status restored_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  // The last member, because its destructor waits for Load(), which uses the others.
  std::unique_ptr<FileWatcher::Watch> watch_;
};

}  // namespace uid2

#endif  // SERVER_APP_SERVING_CERTIFICATES_H_
