#ifndef CLIENT_DOCTOR_ADDRESS_CHECKUP_H_
#define CLIENT_DOCTOR_ADDRESS_CHECKUP_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/doctor/connection.h"
#include "client/doctor/finding.h"
#include "client/doctor/operator_calls.h"
#include "server/call/clock.h"
#include "server/http/curl/curl_http_client_options.h"
#include "server/secrets/credentials.h"

namespace uid2 {

// What the checks of one address of a participant's operator are about. All must outlive them.
struct AddressSubject {
  const std::string& operator_url;
  const Credentials& credentials;
  // "UID2" or "EUID", as configured.
  const std::string& scope;
  const CurlHttpClientOptions& http;
};

// The checks of one address, from the key that is sent there to an identity. Each builds on those
// before it: where one fails, the later ones are skipped.
class AddressCheckup {
 public:
  // All that is given must outlive this. `report` takes findings without participant and address.
  AddressCheckup(const AddressSubject& subject, const Clock& clock, const FindingSink& report)
      : subject_(subject), clock_(clock), report_(report) {}

  // `failed`: the check that has failed already, or empty.
  void Run(absl::string_view failed);

 private:
  // A step reports what it finds and says whether the next makes sense.
  struct Step {
    absl::string_view check;
    bool (AddressCheckup::*run)();
  };
  static const std::vector<Step>& Steps();

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

  // True unless it is an error.
  bool Report(const Finding& finding);

  const AddressSubject& subject_;
  const Clock& clock_;
  const FindingSink& report_;

  // Each is there once the step that finds it has succeeded.
  OperatorAddress address_;
  std::vector<SocketAddress> addresses_;
  FileDescriptor connection_;
  std::unique_ptr<OperatorCalls> calls_;
  absl::optional<OperatorCalls::Generated> generated_;
};

}  // namespace uid2

#endif  // CLIENT_DOCTOR_ADDRESS_CHECKUP_H_
