// SPDX-License-Identifier: Apache-2.0

// Answers questions about DII and consent strings, for a comparison with another implementation.
// Each line of stdin is "POLICY FIELD HEX", where HEX is the value in hexadecimal. Each line of
// stdout is the answer: "rejected", or what the operator would be sent.

#include <iostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "server/dii/consent_string.h"
#include "server/dii/dii.h"

namespace uid2 {
namespace {

constexpr char kRejected[] = "rejected";
constexpr char kUnknown[] = "unknown question";

std::string AnswerDii(const DiiInput& input, DiiPolicy policy) {
  const absl::StatusOr<HashedDii> dii = HashDii(input, policy);
  return dii.ok() ? dii->hash : kRejected;
}

std::string AnswerConsent(absl::string_view text, Scope scope, DiiPolicy policy) {
  return CheckConsentString(text, scope, policy).ok() ? "passed on" : kRejected;
}

std::string Answer(absl::string_view policy_name, absl::string_view field,
                   absl::string_view value) {
  const DiiPolicy policy = policy_name == "strict" ? DiiPolicy::kStrict : DiiPolicy::kOperator;
  DiiInput input;
  if (field == "email") {
    input.email = value;
  } else if (field == "phone") {
    input.phone = value;
  } else if (field == "email_hash") {
    input.email_hash = value;
  } else if (field == "phone_hash") {
    input.phone_hash = value;
  } else if (field == "euid_consent") {
    return AnswerConsent(value, Scope::kEuid, policy);
  } else if (field == "uid2_consent") {
    return AnswerConsent(value, Scope::kUid2, policy);
  } else {
    return kUnknown;
  }
  return AnswerDii(input, policy);
}

}  // namespace
}  // namespace uid2

int main() {
  std::string policy;
  std::string field;
  std::string hex;
  while (std::getline(std::cin, policy, ' ') && std::getline(std::cin, field, ' ') &&
         std::getline(std::cin, hex)) {
    std::cout << uid2::Answer(policy, field, absl::HexStringToBytes(hex)) << '\n';
  }
  std::cout.flush();
  return std::cout.good() ? 0 : 1;
}
