// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_BUILD_INFO_H_
#define SERVER_APP_BUILD_INFO_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace uid2 {

// One fact about how a program was built or a library that it has loaded.
struct BuildFact {
  // As in the table of --version.
  const char* name;
  // The label of the metric build_info.
  const char* label;
  std::string value;
};

// The version first.
std::vector<BuildFact> BuildFacts();

// Returns what --version prints, without a final line break: "PROGRAM VERSION" on the first line,
// then a table of how the program was built and of the libraries that are loaded. Scripts may rely
// on the first line only.
std::string BuildInfo(absl::string_view program);

}  // namespace uid2

#endif  // SERVER_APP_BUILD_INFO_H_
