// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_DII_DII_POLICY_H_
#define SERVER_DII_DII_POLICY_H_

namespace uid2 {

// Which DII and which consent strings are accepted. Both policies give the same hash for DII that
// both accept.
enum class DiiPolicy {
  // Accepts input that all UID2 implementations treat alike. Rejects an email with any character
  // for which IsSpaceOrControl() holds (see code_point.h), except U+0020 at either end: some
  // implementations trim it, some reject it and some hash it unchanged, which turns one user into
  // several. Also rejects a hash of 44 characters that does not decode to 32 bytes, and a consent
  // string that begins with 'B' (TCF version 1) or that contains a character for which
  // absl::ascii_isgraph() does not hold.
  kStrict,
  // Accepts everything that the operator accepts or ignores.
  kOperator,
};

}  // namespace uid2

#endif  // SERVER_DII_DII_POLICY_H_
