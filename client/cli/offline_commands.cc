// SPDX-License-Identifier: Apache-2.0

#include "client/cli/offline_commands.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/bare_dii.h"
#include "client/cli/call_input.h"
#include "client/cli/dii_report.h"
#include "client/cli/flags.h"
#include "client/cli/identity_report.h"
#include "server/identity/identity_json.h"
#include "server/status/reason.h"

namespace uid2::cli {

ExitCode RunInspect(const CommandLine& line, const Clock& clock, const Console& console) {
  const auto request = RefreshRequest(line, clock);
  if (!request.ok()) return console.FailInput(request.status());
  const absl::StatusOr<Identity> identity = ParseIdentity(request->identity_json());
  if (!identity.ok()) {
    return console.FailInput(
        MakeError(identity::v1::IDENTITY_MALFORMED, identity.status().message(), "identity_json"));
  }
  const absl::Time now = clock.Now();
  console.out << (console.form == OutputForm::kJson ? IdentityJson(*identity, now)
                                                    : IdentityText(*identity, now));
  return StateOf(*identity, now) == IdentityState::kLoginRequired ? kExitLoginRequired : kExitOk;
}

ExitCode RunNormalize(const CommandLine& line, const Clock& clock, const Console& console) {
  if (absl::Status status = CheckUserFlags(line); !status.ok()) return console.FailSetup(status);
  const auto request = UserRequest(line, clock);
  if (!request.ok()) return console.FailInput(request.status());
  const bool is_strict = absl::GetFlag(FLAGS_dii_policy) == "STRICT";
  const absl::StatusOr<NormalizedDii> dii =
      NormalizeDii(*request, is_strict ? DiiPolicy::kStrict : DiiPolicy::kOperator);
  if (!dii.ok()) {
    const ExitCode code = console.FailInput(dii.status());
    if (is_strict && NormalizeDii(*request, DiiPolicy::kOperator).ok()) {
      console.err << "  a participant with dii_policy: OPERATOR accepts it\n";
    }
    return code;
  }
  // The service would accept this, so it is shown, too.
  const absl::Status bare = CheckBareDii(*request);
  if (bare.ok() || console.form != OutputForm::kJson) {
    console.out << (console.form == OutputForm::kJson ? ToJson(*dii) : ToText(*dii));
  }
  return bare.ok() ? kExitOk : console.FailInput(bare);
}

}  // namespace uid2::cli
