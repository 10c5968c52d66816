// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_SECRET_H_
#define SERVER_SECRETS_SECRET_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace uid2 {

class SecretAccess;

// Bytes that must stay secret: wiped on destruction, never copied, never printed. Reveal() is the
// only way to read them, so a search for that name finds every use, and the build allows it only in
// the packages that may include secret_access.h. Thread-compatible.
class Secret {
 public:
  // Takes over `bytes` and wipes what remains in the source.
  explicit Secret(std::string&& bytes);

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // Valid as long as this object. Do not copy the bytes into anything that lives longer than
  // necessary.
  absl::string_view Reveal(SecretAccess access) const;

  // Takes time that depends on the sizes only, not on the bytes.
  friend bool operator==(const Secret& a, const Secret& b);
  friend bool operator!=(const Secret& a, const Secret& b) { return !(a == b); }

  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) = delete;

 private:
  void Wipe();

  std::string bytes_;
};

}  // namespace uid2

#endif  // SERVER_SECRETS_SECRET_H_
