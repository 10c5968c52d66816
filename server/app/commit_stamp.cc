// SPDX-License-Identifier: Apache-2.0

// Bazel compiles this file for each program that it links, and defines what tools/workspace_status
// prints as macros. Without --stamp they have fixed values, so that an everyday build stays cached
// whatever is committed.

#include "server/app/commit_stamp.h"

namespace uid2 {

// Bazel's value if there is no commit is "0", which is too short for one.
const char* const kCommit = sizeof(BUILD_SCM_REVISION) > 2 ? BUILD_SCM_REVISION : "";

}  // namespace uid2
