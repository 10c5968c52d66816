// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/dii/consent_string.h"
#include "server/status/reason.h"
#include "tests/fuzz/invariant.h"

namespace uid2 {
namespace {

using ::uid2::testing::Require;

bool IsAccepted(absl::string_view text, Scope scope, DiiPolicy policy) {
  const absl::Status status = CheckConsentString(text, scope, policy);
  if (status.ok()) return true;
  Require(ReasonOf(status) == identity::v1::CONSENT_STRING_INVALID, "a refusal has its reason");
  Require(FieldOf(status) == "tcf_consent_string", "a refusal names the field");
  return false;
}

bool IsVisibleAscii(char c) { return c > ' ' && c < '\x7f'; }

void Check(absl::string_view text) {
  const bool version_1 = !text.empty() && text[0] == 'B';
  const bool visible = std::all_of(text.begin(), text.end(), IsVisibleAscii);
  Require(IsAccepted(text, Scope::kUid2, DiiPolicy::kOperator),
          "a UID2 operator ignores the string");
  Require(IsAccepted(text, Scope::kEuid, DiiPolicy::kOperator) == !version_1,
          "an EUID operator reads every string except version 1");
  for (const Scope scope : {Scope::kUid2, Scope::kEuid}) {
    Require(IsAccepted(text, scope, DiiPolicy::kStrict) == (visible && !version_1),
            "STRICT accepts visible ASCII that is not version 1");
  }
}

}  // namespace
}  // namespace uid2

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uid2::Check(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
