// SPDX-License-Identifier: Apache-2.0

#include "client/cli/flag_value.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "client/cli/command.h"

namespace uid2::cli {
namespace {

constexpr std::array<absl::string_view, 5> kUserFlags = {"email", "phone", "email_hash",
                                                         "phone_hash", "consent"};

std::string OneOf(const std::vector<absl::string_view>& words) {
  const std::vector<absl::string_view> head(words.begin(), words.end() - 1);
  return absl::StrCat(absl::StrJoin(head, ", "), " or ", words.back());
}

}  // namespace

bool IsUserFlag(absl::string_view name) {
  return std::find(kUserFlags.begin(), kUserFlags.end(), name) != kUserFlags.end();
}

absl::Status SetFlag(absl::string_view name, const std::string& value, absl::string_view origin) {
  if (value.empty() && !IsUserFlag(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, " is empty: leave it out, or give it a value"));
  }
  for (const FlagValues& flag : CompletableFlags()) {
    if (flag.flag != name || flag.values == "file") continue;
    const std::vector<absl::string_view> words = absl::StrSplit(flag.values, ' ');
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      return absl::InvalidArgumentError(absl::StrCat(origin, " is ", OneOf(words)));
    }
  }
  absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(name);
  std::string error;
  if (!flag->ParseFrom(value, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, " has an invalid value; it means: ", flag->Help()));
  }
  const absl::optional<absl::Duration> duration = flag->TryGet<absl::Duration>();
  if (duration.has_value() && *duration <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(origin, " must be more than zero"));
  }
  // The only number is --concurrency.
  const absl::optional<int32_t> number = flag->TryGet<int32_t>();
  if (number.has_value() && (*number < 1 || *number > 256)) {
    return absl::InvalidArgumentError(absl::StrCat(origin, " must be from 1 to 256"));
  }
  return absl::OkStatus();
}

}  // namespace uid2::cli
