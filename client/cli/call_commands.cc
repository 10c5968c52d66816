// SPDX-License-Identifier: Apache-2.0

#include "client/cli/call_commands.h"

#include "client/cli/error_report.h"
#include "client/cli/outcome_report.h"

namespace uid2::cli {
namespace {

using identity::v1::GenerateIdentityResponse;
using identity::v1::RefreshIdentityResponse;

ExitCode ExitCodeFor(GenerateIdentityResponse::Outcome outcome) {
  switch (outcome) {
    case GenerateIdentityResponse::ISSUED:
      return kExitOk;
    case GenerateIdentityResponse::OPTED_OUT:
      return kExitOptedOut;
    case GenerateIdentityResponse::INSUFFICIENT_CONSENT:
      return kExitInsufficientConsent;
    default:
      return kExitInternal;
  }
}

ExitCode ExitCodeFor(RefreshIdentityResponse::Outcome outcome) {
  switch (outcome) {
    case RefreshIdentityResponse::REFRESHED:
    case RefreshIdentityResponse::NOT_DUE:
    case RefreshIdentityResponse::KEPT:
      return kExitOk;
    case RefreshIdentityResponse::OPTED_OUT:
      return kExitOptedOut;
    case RefreshIdentityResponse::LOGIN_REQUIRED:
      return kExitLoginRequired;
    default:
      return kExitInternal;
  }
}

ExitCode Fail(const absl::Status& status, CallEnvironment& environment) {
  environment.err << ErrorText(status, environment.address);
  if (environment.form == OutputForm::kJson) environment.out << ErrorJson(status) << "\n";
  return ExitCodeOf(status);
}

template <typename Response>
ExitCode Report(const absl::StatusOr<Response>& response, CallEnvironment& environment) {
  if (!response.ok()) return Fail(response.status(), environment);
  const Outcome outcome = OutcomeOf(*response);
  switch (environment.form) {
    case OutputForm::kText:
      environment.out << ToText(outcome, environment.clock.Now());
      break;
    case OutputForm::kJson:
      environment.out << ToJson(outcome) << "\n";
      break;
    case OutputForm::kIdentityOnly:
      if (outcome.identity != nullptr) environment.out << outcome.identity->json() << "\n";
      if (!outcome.advice.empty()) {
        environment.err << outcome.name << ": " << outcome.advice << "\n";
      }
      break;
  }
  return ExitCodeFor(response->outcome());
}

}  // namespace

ExitCode RunGenerate(const client::IdentityClient::GenerateRequest& request,
                     CallEnvironment& environment) {
  return Report(environment.client.GenerateIdentity(request, environment.timeout), environment);
}

ExitCode RunRefresh(const client::IdentityClient::RefreshRequest& request,
                    CallEnvironment& environment) {
  return Report(environment.client.RefreshIdentity(request, environment.timeout), environment);
}

ExitCode RunHealth(CallEnvironment& environment) {
  const absl::Status status = environment.client.CheckHealth(environment.timeout);
  if (!status.ok()) return Fail(status, environment);
  environment.out << (environment.form == OutputForm::kJson ? R"({"health":"SERVING"})" : "SERVING")
                  << "\n";
  return kExitOk;
}

}  // namespace uid2::cli
