// SPDX-License-Identifier: Apache-2.0

#include "client/cli/console.h"

#include "client/cli/error_report.h"
#include "server/status/reason.h"

namespace uid2::cli {

ExitCode Console::WrongUsage(absl::string_view problem) const {
  return Fail(kExitUsage, absl::InvalidArgumentError(problem));
}

ExitCode Console::FailSetup(const absl::Status& status) const {
  if (ReasonOf(status) != identity::v1::ERROR_REASON_UNSPECIFIED) return FailInput(status);
  const bool is_wrong = status.code() == absl::StatusCode::kInvalidArgument;
  return Fail(is_wrong ? kExitUsage : kExitNoInput, status);
}

ExitCode Console::FailInput(const absl::Status& status) const {
  return Fail(ExitCodeOfInput(status), status);
}

ExitCode Console::Fail(ExitCode code, const absl::Status& status) const {
  if (ReasonOf(status) == identity::v1::ERROR_REASON_UNSPECIFIED) {
    err << "identityctl: " << status.message() << "\n";
  } else {
    err << ErrorText(status, Advice(status, ""));
  }
  if (form == OutputForm::kJson) out << ErrorJson(status) << "\n";
  return code;
}

ExitCode Console::FailCall(const absl::Status& status, absl::string_view advice) const {
  err << ErrorText(status, advice);
  if (form == OutputForm::kJson) out << ErrorJson(status) << "\n";
  return ExitCodeOf(status);
}

}  // namespace uid2::cli
