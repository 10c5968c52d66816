// SPDX-License-Identifier: Apache-2.0

#include "client/cli/profile.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/nearest.h"

namespace uid2::cli {
namespace {

absl::Status Wrong(int line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(line, ": ", what));
}

absl::Status UnknownSetting(int line, absl::string_view name) {
  const absl::string_view nearest = Nearest(name, SettingNames());
  return Wrong(line, nearest.empty()
                         ? absl::StrCat("unknown setting; the settings are ",
                                        absl::StrJoin(SettingNames(), ", "))
                         : absl::StrCat("unknown setting; did you mean ", nearest, "?"));
}

}  // namespace

const std::vector<absl::string_view>& SettingNames() {
  static const std::vector<absl::string_view>& names = *new std::vector<absl::string_view>{
      "address", "timeout", "tls", "ca", "cert", "key", "server_name", "participant"};
  return names;
}

absl::StatusOr<Profile> ParseProfile(absl::string_view text, absl::string_view name) {
  std::map<std::string, Profile> profiles;
  Profile* current = nullptr;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      if (line.back() != ']' || line.size() < 3) return Wrong(number, "write [NAME]");
      const std::string key(line.substr(1, line.size() - 2));
      if (profiles.count(key) > 0) return Wrong(number, "this profile appears twice");
      current = &profiles[key];
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos) return Wrong(number, "write SETTING = VALUE");
    if (current == nullptr) return Wrong(number, "a [NAME] must come before the first setting");
    const std::string setting(absl::StripAsciiWhitespace(line.substr(0, equals)));
    const std::string value(absl::StripAsciiWhitespace(line.substr(equals + 1)));
    if (std::find(SettingNames().begin(), SettingNames().end(), setting) == SettingNames().end()) {
      return UnknownSetting(number, setting);
    }
    if (absl::StartsWith(value, "\"") || absl::StartsWith(value, "'")) {
      return Wrong(number, "leave out the quotes");
    }
    if (!current->settings.emplace(setting, Profile::Setting{value, number}).second) {
      return Wrong(number, "this setting appears twice in the profile");
    }
  }
  const auto found = profiles.find(std::string(name));
  if (found != profiles.end()) return std::move(found->second);
  return absl::NotFoundError(
      absl::StrCat("it has no profile ", name, "; it has ",
                   absl::StrJoin(profiles, ", ", [](std::string* out, const auto& profile) {
                     absl::StrAppend(out, profile.first);
                   })));
}

}  // namespace uid2::cli
