// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SECRETS_SECRET_H_
#define SERVER_SECRETS_SECRET_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace uid2 {

// Bytes that must stay secret: wiped on destruction, never copied, never printed. The only access
// is Reveal(), so a search for that name finds every use. Thread-compatible.
class Secret {
 public:
  // Takes over `bytes` and wipes what is left in the source.
  explicit Secret(std::string&& bytes);

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  // Valid as long as this object. Do not copy it into anything that outlives the need.
  absl::string_view Reveal() const { return bytes_; }

  // Takes a time that depends only on the sizes.
  friend bool operator==(const Secret& a, const Secret& b);
  friend bool operator!=(const Secret& a, const Secret& b) { return !(a == b); }

  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) = delete;

 private:
  void Wipe();

  std::string bytes_;
};

}  // namespace uid2

#endif  // SERVER_SECRETS_SECRET_H_
