// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_DOCTOR_FILE_CHECKS_H_
#define CLIENT_DOCTOR_FILE_CHECKS_H_

#include <string>

#include "absl/time/time.h"
#include "client/doctor/finding.h"

namespace uid2::doctor {

// Whether every user of this machine can read the file. False if it cannot be examined.
bool EverybodyCanRead(const std::string& path);

// Checks whether anyone other than their owner and group can read, change or replace
// `directory`/api_key and `directory`/client_secret.
Finding CheckCredentialFiles(const std::string& directory);

// Checks the certificate authorities in `file`, or the system's if `file` is empty. `needed` says
// whether the server would refuse to start without them.
Finding CheckAuthorities(const std::string& file, bool needed, absl::Time now);

}  // namespace uid2::doctor

#endif  // CLIENT_DOCTOR_FILE_CHECKS_H_
