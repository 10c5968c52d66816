// SPDX-License-Identifier: Apache-2.0

#include "client/cli/call_commands.h"

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

template <typename Response>
ExitCode Report(const absl::StatusOr<Response>& response, const CallEnvironment& environment) {
  if (!response.ok()) return environment.console.FailCall(response.status(), environment.address);
  const Outcome outcome = OutcomeOf(*response);
  switch (environment.console.form) {
    case OutputForm::kText:
      environment.console.out << ToText(outcome, environment.clock.Now());
      break;
    case OutputForm::kJson:
      environment.console.out << ToJson(outcome) << "\n";
      break;
    case OutputForm::kIdentityOnly:
      if (outcome.identity != nullptr) environment.console.out << outcome.identity->json() << "\n";
      if (!outcome.advice.empty()) {
        environment.console.err << outcome.name << ": " << outcome.advice << "\n";
      }
      break;
  }
  return ExitCodeFor(response->outcome());
}

}  // namespace

ExitCode RunGenerate(const client::IdentityClient::GenerateRequest& request,
                     const CallEnvironment& environment) {
  return Report(environment.client.GenerateIdentity(request, environment.timeout), environment);
}

ExitCode RunRefresh(const client::IdentityClient::RefreshRequest& request,
                    const CallEnvironment& environment) {
  return Report(environment.client.RefreshIdentity(request, environment.timeout), environment);
}

ExitCode RunHealth(const CallEnvironment& environment) {
  const absl::Status status = environment.client.CheckHealth(environment.timeout);
  if (!status.ok()) return environment.console.FailCall(status, environment.address);
  environment.console.out << (environment.console.form == OutputForm::kJson
                                  ? R"({"health":"SERVING"})"
                                  : "SERVING")
                          << "\n";
  return kExitOk;
}

}  // namespace uid2::cli
