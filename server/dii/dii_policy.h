#ifndef SERVER_DII_DII_POLICY_H_
#define SERVER_DII_DII_POLICY_H_

namespace uid2 {

// Which DII is taken. Both policies give the same hash for what both take.
enum class DiiPolicy {
  // What UID2 implementations agree on. It refuses what some of them trim, some refuse and some
  // hash as it stands, which makes several users of one: an email in which IsSpaceOrControl (see
  // code_point.h) holds for any character, once U+0020 at both ends is off. And it refuses a
  // hash of 44 characters that does not decode to 32 bytes.
  kStrict,
  // Whatever the operator takes.
  kOperator,
};

}  // namespace uid2

#endif  // SERVER_DII_DII_POLICY_H_
