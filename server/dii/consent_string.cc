// SPDX-License-Identifier: Apache-2.0

#include "server/dii/consent_string.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/status/reason.h"

namespace uid2 {
namespace {

absl::Status Invalid(absl::string_view problem) {
  return MakeError(identity::v1::CONSENT_STRING_INVALID, problem, "tcf_consent_string");
}

}  // namespace

absl::Status CheckConsentString(absl::string_view text, Scope scope, DiiPolicy policy) {
  if (scope == Scope::kUid2 && policy == DiiPolicy::kOperator) return absl::OkStatus();
  // The first six bits are the version: 'B' is 1, 'C' is 2 (IAB TCF, "Consent string format").
  if (absl::StartsWith(text, "B")) {
    return Invalid("a TCF version 1 string; the consent platform must provide a TCF v2 string");
  }
  if (policy == DiiPolicy::kStrict && !std::all_of(text.begin(), text.end(), absl::ascii_isgraph)) {
    return Invalid("contains a character that no consent string has");
  }
  return absl::OkStatus();
}

}  // namespace uid2
