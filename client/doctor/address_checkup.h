// SPDX-License-Identifier: Apache-2.0

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
#include "server/http/http_client_options.h"
#include "server/http/tls/trust_store.h"
#include "server/identity/scope.h"
#include "server/operator/operator_credentials.h"

namespace uid2::doctor {

// The address of a participant's operator to check. Everything here must outlive the checks.
struct AddressSubject {
  const std::string& operator_url;
  const OperatorCredentialsPtr& credentials;
  Scope scope;
  // The folder with the API key and the client secret.
  const std::string& credentials_dir;
  const HttpClientOptions& http;
  const std::shared_ptr<const TrustStore>& authorities;
};

// Checks one address, from the API key that is sent there to an identity. Each check depends on the
// ones before it: if one fails, the rest are skipped.
class AddressCheckup {
 public:
  // The arguments must outlive this. `report` gets findings without participant and address.
  AddressCheckup(const AddressSubject& subject, const Clock& clock, const FindingSink& report)
      : subject_(subject), clock_(clock), report_(report) {}

  // `failed` names a check that has already failed, or is empty.
  void Run(absl::string_view failed);

 private:
  // A step reports its finding and returns whether to continue with the next step.
  struct Step {
    absl::string_view check;
    bool (AddressCheckup::*run)();
  };
  static const std::vector<Step>& Steps();

  bool ApiKey();
  // Reports that the check makes no sense, if calls to the address go through a proxy.
  bool SkippedForProxy(const std::string& check);
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

  // Returns true unless `finding` is an error.
  bool Report(const Finding& finding);

  const AddressSubject& subject_;
  const Clock& clock_;
  const FindingSink& report_;

  // Each is set once the step that provides it has succeeded.
  OperatorAddress address_;
  std::vector<SocketAddress> addresses_;
  FileDescriptor connection_;
  std::unique_ptr<OperatorCalls> calls_;
  absl::optional<OperatorCalls::Generated> generated_;
};

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_ADDRESS_CHECKUP_H_
