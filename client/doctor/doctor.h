// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_DOCTOR_H_
#define CLIENT_DOCTOR_DOCTOR_H_

#include <string>

#include "client/doctor/finding.h"
#include "server/call/clock.h"

namespace uid2::doctor {

// Checks the configuration file `path` and everything that it refers to, for one participant or, if
// `participant` is empty, for all. Calls operators only with their own test users.
void Examine(const std::string& path, const std::string& participant, const Clock& clock,
             const FindingSink& sink);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_DOCTOR_H_
