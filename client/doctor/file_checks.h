#ifndef CLIENT_DOCTOR_FILE_CHECKS_H_
#define CLIENT_DOCTOR_FILE_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "client/doctor/finding.h"

namespace uid2::doctor {

// Whether others than the owner and the group of `directory`/api_key and `directory`/client_secret
// can read or change them, or put other files in their place.
Finding CheckCredentialFiles(const std::string& directory);

// The certificates in `file` (empty: the system's) that may sign the operator's.
Finding CheckAuthorities(const std::string& file, absl::Time now);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_FILE_CHECKS_H_
