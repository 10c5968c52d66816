// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_DII_POLICY_H_
#define SERVER_DII_DII_POLICY_H_

namespace uid2 {

// Which DII is accepted. Both policies give the same hash for what both accept.
enum class DiiPolicy {
  // What UID2 implementations agree on. Rejects what some of them trim, some reject and some hash
  // unchanged, which turns one user into several: an email with any character for which
  // IsSpaceOrControl() holds (see code_point.h), not counting U+0020 at either end. Also rejects a
  // hash of 44 characters that does not decode to 32 bytes.
  kStrict,
  // Whatever the operator accepts.
  kOperator,
};

}  // namespace uid2

#endif  // SERVER_DII_DII_POLICY_H_
