#ifndef CLIENT_DOCTOR_DOCTOR_H_
#define CLIENT_DOCTOR_DOCTOR_H_

#include <string>

#include "client/doctor/finding.h"
#include "server/call/clock.h"

namespace uid2 {

// Checks the configuration `path` and everything that it leads to, for one participant or, with an
// empty name, for all. Calls operators with their own test identities only.
void Examine(const std::string& path, const std::string& participant, const Clock& clock,
             const FindingSink& sink);

}  // namespace uid2

#endif  // CLIENT_DOCTOR_DOCTOR_H_
