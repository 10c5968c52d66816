// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_FINDING_REPORT_H_
#define CLIENT_DOCTOR_FINDING_REPORT_H_

#include <string>
#include <vector>

#include "client/doctor/finding.h"

namespace uid2::doctor {

// One line, including its line feed: severity, check, participant, finding and fix.
std::string ToLine(const Finding& finding, bool color);

// The last line: the numbers of errors and warnings, and where to start.
std::string Summary(const std::vector<Finding>& findings);

// {"findings":[{"severity":"error","check":"tls",...}],"errors":1,"warnings":0}
std::string ToJson(const std::vector<Finding>& findings);

// 0: all is well; 1: warnings; 2: errors.
int ExitStatusOf(const std::vector<Finding>& findings);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_FINDING_REPORT_H_
