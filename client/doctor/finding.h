#ifndef CLIENT_DOCTOR_FINDING_H_
#define CLIENT_DOCTOR_FINDING_H_

#include <functional>
#include <string>

namespace uid2::doctor {

enum class Severity {
  kOk,
  // Not looked at, since something else has to be mended first or it does not apply.
  kSkipped,
  // Works today.
  kWarning,
  kError,
};

// What one check found. Never holds a credential, a token or what an operator sent.
struct Finding {
  Severity severity = Severity::kOk;
  // Stable, for programs: "tls".
  std::string check;
  std::string text;
  // What to do; empty where nothing has to be done.
  std::string fix;
  // Empty where it concerns the server as a whole.
  std::string participant;
  // The operator_url that it is about; empty where it is the participant's only one, or it concerns
  // all of them.
  std::string address{};
};

// Takes findings in the order in which they are to be mended, each as soon as it is known.
using FindingSink = std::function<void(const Finding&)>;

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_FINDING_H_
