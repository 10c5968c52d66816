// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_VERSION_H_
#define SERVER_APP_VERSION_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "server/app/version_number.h"  // kVersion

namespace uid2 {

// The name of this client in the operator's statistics (header X-UID2-Client-Version).
inline std::string ClientVersion() { return absl::StrCat("uid2-identity-service-", kVersion); }

}  // namespace uid2

#endif  // SERVER_APP_VERSION_H_
