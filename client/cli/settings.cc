// SPDX-License-Identifier: Apache-2.0

#include "client/cli/settings.h"

#include <algorithm>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "client/cli/environment.h"
#include "client/cli/flag_value.h"
#include "client/cli/flags.h"
#include "client/cli/input.h"
#include "client/cli/profile.h"

namespace uid2::cli {
namespace {

// The user's own file is read like any other input, but nobody waits for it.
constexpr absl::Duration kFileTimeout = absl::Seconds(5);

bool Accepts(const Command& command, absl::string_view flag) {
  return std::find(command.flags.begin(), command.flags.end(), flag) != command.flags.end();
}

std::string VariableOf(absl::string_view setting) {
  return absl::StrCat("IDENTITYCTL_", absl::AsciiStrToUpper(setting));
}

// Nullopt if the user has no home.
absl::optional<std::string> DefaultPath() {
  const std::string config = Variable("XDG_CONFIG_HOME").value_or("");
  if (!config.empty()) return absl::StrCat(config, "/identityctl/profiles");
  const std::string home = Variable("HOME").value_or("");
  if (home.empty()) return absl::nullopt;
  return absl::StrCat(home, "/.config/identityctl/profiles");
}

std::string Resolve(absl::string_view value, absl::string_view profile_path) {
  if (absl::StartsWith(value, "/")) return std::string(value);
  if (absl::ConsumePrefix(&value, "~/")) {
    return absl::StrCat(Variable("HOME").value_or(""), "/", value);
  }
  const size_t slash = profile_path.rfind('/');
  if (slash == absl::string_view::npos) return std::string(value);
  return absl::StrCat(profile_path.substr(0, slash + 1), value);
}

bool IsPath(absl::string_view setting) {
  return setting == "ca" || setting == "cert" || setting == "key";
}

// The profile that applies, and where it is from.
struct Source {
  std::string path;
  Profile profile;
};

absl::StatusOr<Source> LoadProfile(const CommandLine& line, const Clock& clock) {
  const absl::optional<std::string> variable = Variable("IDENTITYCTL_PROFILE");
  const absl::optional<std::string> file = Variable("IDENTITYCTL_PROFILE_FILE");
  if (variable == "") return absl::InvalidArgumentError("IDENTITYCTL_PROFILE is empty: unset it");
  if (file == "") return absl::InvalidArgumentError("IDENTITYCTL_PROFILE_FILE is empty: unset it");
  const bool by_flag = line.flags.count("profile") > 0;
  const bool named = by_flag || variable.has_value();
  const std::string name = by_flag ? absl::GetFlag(FLAGS_profile) : variable.value_or("default");
  Source source;
  source.path = file.has_value() ? *file : DefaultPath().value_or("");
  if (source.path.empty()) {
    if (!named) return source;
    return absl::InvalidArgumentError(
        "profiles are in ~/.config/identityctl/profiles, and HOME is not set");
  }
  const absl::StatusOr<std::string> text = ReadInput(source.path, "", kFileTimeout, clock);
  if (!text.ok()) {
    if (!named && !file.has_value()) return source;
    return absl::NotFoundError(text.status().message());
  }
  absl::StatusOr<Profile> profile = ParseProfile(*text, name);
  if (!profile.ok()) {
    const bool is_missing = profile.status().code() == absl::StatusCode::kNotFound;
    if (is_missing && !named) return source;
    return absl::InvalidArgumentError(
        absl::StrCat(source.path, is_missing ? ": " : ":", profile.status().message()));
  }
  source.profile = *std::move(profile);
  return source;
}

}  // namespace

absl::Status ApplySettings(const CommandLine& line, const Clock& clock) {
  if (!Accepts(*line.command, "profile")) return absl::OkStatus();
  const absl::StatusOr<Source> source = LoadProfile(line, clock);
  if (!source.ok()) return source.status();
  for (const absl::string_view name : SettingNames()) {
    if (!Accepts(*line.command, name) || line.flags.count(std::string(name)) > 0) continue;
    absl::Status status;
    const absl::optional<std::string> variable = Variable(VariableOf(name));
    const auto setting = source->profile.settings.find(std::string(name));
    if (variable.has_value()) {
      status = SetFlag(name, *variable, VariableOf(name));
    } else if (setting != source->profile.settings.end()) {
      const std::string& value = setting->second.value;
      const bool resolve = IsPath(name) && !value.empty();
      status = SetFlag(name, resolve ? Resolve(value, source->path) : value,
                       absl::StrCat(source->path, ":", setting->second.line, ": ", name));
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace uid2::cli
