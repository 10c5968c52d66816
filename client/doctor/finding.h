// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_FINDING_H_
#define CLIENT_DOCTOR_FINDING_H_

#include <functional>
#include <string>

namespace uid2::doctor {

enum class Severity {
  kOk,
  // Not checked, because it does not apply or something else has to be fixed first.
  kSkipped,
  // Works at present.
  kWarning,
  kError,
};

// The result of one check. Never contains a credential, a token or anything that an operator sent.
struct Finding {
  Severity severity = Severity::kOk;
  // A stable name for programs, such as "tls".
  std::string check;
  std::string text;
  // How to fix it; empty if there is nothing to do.
  std::string fix;
  // Empty if it concerns the server as a whole.
  std::string participant;
  // The operator_url that it concerns; empty if the participant has only one, or if it concerns all
  // of them.
  std::string address{};
};

// Receives each finding as soon as it is known, in the order in which to fix problems.
using FindingSink = std::function<void(const Finding&)>;

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_FINDING_H_
