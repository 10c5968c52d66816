#ifndef SERVER_DII_DII_KIND_H_
#define SERVER_DII_DII_KIND_H_

namespace uid2 {

// What directly identifying information is of, raw or hashed. The operator never matches an
// email's hash with a phone's, equal or not, so the kind goes wherever the hash goes.
enum class DiiKind { kEmail, kPhone };

}  // namespace uid2

#endif  // SERVER_DII_DII_KIND_H_
