// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_APP_COMMIT_STAMP_H_
#define SERVER_APP_COMMIT_STAMP_H_

namespace uid2 {

// The commit that the program was built from, followed by "+" if files had been changed since. ""
// unless it was built with --config=release.
extern const char* const kCommit;

}  // namespace uid2

#endif  // SERVER_APP_COMMIT_STAMP_H_
