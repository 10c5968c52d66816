// SPDX-License-Identifier: Apache-2.0

#include "client/cli/call_commands.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "absl/strings/str_cat.h"
#include "client/cli/call_details.h"
#include "client/cli/call_failure.h"
#include "client/cli/outcome_report.h"
#include "server/call/call_context.h"

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

const absl::Status& StatusOf(const absl::Status& status) { return status; }

template <typename Response>
const absl::Status& StatusOf(const absl::StatusOr<Response>& response) {
  return response.status();
}

// Makes a call, and prints its report if that is wanted.
template <typename Call>
auto Timed(const CallEnvironment& environment, const Call& call) {
  const uid2::CallContext::TimePoint begin = environment.clock.Steady();
  auto result = call();
  if (environment.verbose) {
    environment.console.err << CallDetails(environment.options, StatusOf(result),
                                           absl::FromChrono(environment.clock.Steady() - begin));
  }
  return result;
}

std::string HealthText(const std::string& version) {
  return version.empty() ? "SERVING\n" : absl::StrCat("SERVING\nversion ", version, "\n");
}

std::string HealthJson(const std::string& version) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("health");
  json.String("SERVING");
  if (!version.empty()) {
    json.Key("version");
    json.String(version.c_str());
  }
  json.EndObject();
  return absl::StrCat(buffer.GetString(), "\n");
}

template <typename Response>
ExitCode Report(const absl::StatusOr<Response>& response, const CallEnvironment& environment) {
  if (!response.ok()) return FailCall(response.status(), environment);
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
  return Report(
      Timed(environment,
            [&] { return environment.client.GenerateIdentity(request, environment.options); }),
      environment);
}

ExitCode RunRefresh(const client::IdentityClient::RefreshRequest& request,
                    const CallEnvironment& environment) {
  return Report(
      Timed(environment,
            [&] { return environment.client.RefreshIdentity(request, environment.options); }),
      environment);
}

ExitCode RunHealth(bool wait, const CallEnvironment& environment) {
  const absl::Status status = Timed(environment, [&] {
    return wait ? environment.client.AwaitServing(environment.options)
                : environment.client.CheckHealth(environment.options);
  });
  if (!status.ok()) return FailCall(status, environment);
  const std::string version = ServerVersionOf(*environment.options.report);
  environment.console.out << (environment.console.form == OutputForm::kJson ? HealthJson(version)
                                                                            : HealthText(version));
  return kExitOk;
}

}  // namespace uid2::cli
