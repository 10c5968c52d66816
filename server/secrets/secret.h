#ifndef SERVER_SECRETS_SECRET_H_
#define SERVER_SECRETS_SECRET_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace uid2 {

// Bytes that must not be seen: wiped when they go, not copied, not printed. Whoever needs the
// bytes says Reveal(), so that a search for it finds every place. Thread-compatible.
class Secret {
 public:
  // Takes `bytes` over and wipes what is left in the source.
  explicit Secret(std::string&& bytes);

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // Valid as long as this object; do not copy it into anything that outlives the need.
  absl::string_view Reveal() const { return bytes_; }

  // In time that depends on the sizes only.
  friend bool operator==(const Secret& a, const Secret& b);
  friend bool operator!=(const Secret& a, const Secret& b) { return !(a == b); }

  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) = delete;

 private:
  void Wipe();

  std::string bytes_;
};

}  // namespace uid2

#endif  // SERVER_SECRETS_SECRET_H_
