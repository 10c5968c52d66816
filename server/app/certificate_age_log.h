// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_CERTIFICATE_AGE_LOG_H_
#define SERVER_APP_CERTIFICATE_AGE_LOG_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/crypto/certificate.h"
#include "server/secrets/certificate_set.h"
#include "server/telemetry/event_log.h"

namespace uid2 {

// Logs when the certificates in use come near their end (IsNearItsEnd()), and when they end: each
// once. Thread-compatible.
class CertificateAgeLog {
 public:
  // `events` must outlive this object.
  CertificateAgeLog(CertificateFiles files, EventLog& events);

  // Call this from time to time with the set in use.
  void Check(const CertificateSet& set, absl::Time now);

 private:
  enum class Age { kFresh, kNearEnd, kEnded };
  // By file, subject and end.
  using Ages = std::map<std::string, Age>;

  static Age AgeOf(const CertificateSummary& certificate, absl::Time now);

  // Adds the age of a certificate of `file` to `ages`, and logs it if it has changed.
  // `effect` completes "... expired on <date>, so ...".
  void Check(const std::string& file, const CertificateSummary& certificate,
             absl::string_view effect, absl::Time now, Ages& ages);

  const CertificateFiles files_;
  EventLog& events_;
  // As of the last check.
  Ages ages_;
};

}  // namespace uid2

#endif  // SERVER_APP_CERTIFICATE_AGE_LOG_H_
