#ifndef CLIENT_DOCTOR_FINDING_REPORT_H_
#define CLIENT_DOCTOR_FINDING_REPORT_H_

#include <string>
#include <vector>

#include "client/doctor/finding.h"

namespace uid2::doctor {

// One line, with its end: severity, check, participant, what was found and what to do.
std::string ToLine(const Finding& finding, bool colour);

// The last line: how many of what, and where to begin.
std::string Summary(const std::vector<Finding>& findings);

// {"findings":[{"severity":"error","check":"tls",...}],"errors":1,"warnings":0}
std::string ToJson(const std::vector<Finding>& findings);

// 0: all is well; 1: warnings; 2: errors.
int ExitStatusOf(const std::vector<Finding>& findings);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_FINDING_REPORT_H_
