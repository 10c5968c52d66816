// SPDX-License-Identifier: Apache-2.0

#include "client/cli/call_failure.h"

#include "absl/time/time.h"
#include "client/cli/error_report.h"
#include "client/doctor/finding.h"
#include "client/doctor/handshake.h"
#include "client/doctor/handshake_finding.h"
#include "server/status/reason.h"

namespace uid2::cli {
namespace {

// For each step of the handshake.
constexpr absl::Duration kHandshakeTimeout = absl::Seconds(2);

bool IsGrpcsOwn(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable &&
         ReasonOf(status) == identity::v1::ERROR_REASON_UNSPECIFIED;
}

}  // namespace

ExitCode FailCall(const absl::Status& status, const CallEnvironment& environment) {
  const client::ChannelOptions& channel = environment.channel;
  if (IsGrpcsOwn(status)) {
    const doctor::Finding finding = doctor::CheckHandshake(
        doctor::TryHandshake(channel, kHandshakeTimeout), channel, environment.clock.Now());
    if (finding.severity == doctor::Severity::kError) {
      return environment.console.FailCall(absl::UnavailableError(finding.text), finding.fix);
    }
  }
  return environment.console.FailCall(status, Advice(status, channel.address));
}

}  // namespace uid2::cli
