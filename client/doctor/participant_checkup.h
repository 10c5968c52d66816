#ifndef CLIENT_DOCTOR_PARTICIPANT_CHECKUP_H_
#define CLIENT_DOCTOR_PARTICIPANT_CHECKUP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/doctor/connection.h"
#include "client/doctor/finding.h"
#include "client/doctor/operator_calls.h"
#include "server/app/configuration.h"
#include "server/operator/clock.h"
#include "server/operator/identity.h"

namespace uid2 {

// What the checks of one participant are about.
struct CheckupSubject {
  const ParticipantConfiguration& participant;
  // "UID2" or "EUID", as configured.
  std::string scope;
  std::string credentials_dir;
  const CurlHttpClientOptions& http;
};

// The checks of one participant, from its files to an identity. Each builds on those before it:
// where one fails, the later ones are skipped.
class ParticipantCheckup {
 public:
  // All that is given must outlive this.
  ParticipantCheckup(const CheckupSubject& subject, const Clock& clock, const FindingSink& sink)
      : subject_(subject), clock_(clock), sink_(sink) {}

  void Run();

 private:
  // A step reports what it finds and says whether the next makes sense.
  struct Step {
    absl::string_view check;
    bool (ParticipantCheckup::*run)();
  };
  static const std::vector<Step>& Steps();

  bool Files();
  bool ApiKey();
  bool Dns();
  bool Tcp();
  bool Tls();
  bool Http();
  bool Credentials();
  bool ClockOffset();
  bool Generate();
  bool Refresh();
  bool OptOut();
  bool RefreshOptOut();

  // Reports it under the participant's name; true unless it is an error.
  bool Report(Finding finding);

  const CheckupSubject& subject_;
  const Clock& clock_;
  const FindingSink& sink_;

  // Each is there once the step that finds it has succeeded.
  OperatorAddress address_;
  std::vector<SocketAddress> addresses_;
  FileDescriptor connection_;
  std::unique_ptr<OperatorCalls> calls_;
  absl::optional<OperatorCalls::Generated> generated_;
};

}  // namespace uid2

#endif  // CLIENT_DOCTOR_PARTICIPANT_CHECKUP_H_
