// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_BUILD_INFO_H_
#define SERVER_APP_BUILD_INFO_H_

#include <string>

#include "absl/strings/string_view.h"

namespace uid2 {

// Returns what --version prints, without a final line break: "PROGRAM VERSION" on the first line,
// then a table of how the program was built and of the libraries that are loaded. Scripts may rely
// on the first line only.
std::string BuildInfo(absl::string_view program);

}  // namespace uid2

#endif  // SERVER_APP_BUILD_INFO_H_
