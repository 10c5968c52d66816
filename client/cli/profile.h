// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_PROFILE_H_
#define CLIENT_CLI_PROFILE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2::cli {

// The flags that a profile and environment variables can set. None of them is a secret.
const std::vector<absl::string_view>& SettingNames();

// One profile of a file such as
//
//   # Lines that begin with "#" are comments.
//   [default]
//   address = 127.0.0.1:50051
//
//   [production]
//   address = identity.example:443
//   ca = ca.pem
struct Profile {
  struct Setting {
    std::string value;
    int line;
  };
  // By the flag's name. A file's name is as written.
  std::map<std::string, Setting> settings;
};

// Returns the profile `name` in `text`. The message of kInvalidArgument begins with the line number
// if a line is wrong, in whatever profile. Fails with kNotFound if there is no such profile; the
// message then lists those that there are.
absl::StatusOr<Profile> ParseProfile(absl::string_view text, absl::string_view name);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_PROFILE_H_
