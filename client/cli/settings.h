// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_SETTINGS_H_
#define CLIENT_CLI_SETTINGS_H_

#include "absl/status/status.h"
#include "client/cli/command_line.h"
#include "server/call/clock.h"

namespace uid2::cli {

// Sets the Abseil flags of SettingNames() that the command accepts and that `line` does not set,
// from the environment variable IDENTITYCTL_NAME (such as IDENTITYCTL_ADDRESS) or else from the
// profile that --profile or IDENTITYCTL_PROFILE names, or else from the profile "default" if there
// is one. Profiles are in the file that IDENTITYCTL_PROFILE_FILE names, or else in
// identityctl/profiles in $XDG_CONFIG_HOME or ~/.config. A relative path in a profile is relative
// to that file.
//
// The message of kInvalidArgument names the variable, or the file and line. Fails with kNotFound if
// the file is asked for and cannot be read.
absl::Status ApplySettings(const CommandLine& line, const Clock& clock);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_SETTINGS_H_
