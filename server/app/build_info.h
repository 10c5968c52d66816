// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_BUILD_INFO_H_
#define SERVER_APP_BUILD_INFO_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace uid2 {

// One fact about how a program was built, or the version of one of its libraries.
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
// then a table of how the program was built and of its libraries. Scripts may rely on the first
// line only. `contained` names the packages whose code is in the program itself, one on each line;
// it may be empty.
std::string BuildInfo(absl::string_view program, absl::string_view contained);

}  // namespace uid2

#endif  // SERVER_APP_BUILD_INFO_H_
