// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_SERVICE_PARTICIPANT_ACCESS_H_
#define SERVER_SERVICE_PARTICIPANT_ACCESS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace uid2 {

// Which participants a caller may use: all that are configured, or those that it names.
class ParticipantAccess {
 public:
  static ParticipantAccess ToAll() { return ParticipantAccess(true, {}); }
  // Access to no participant if `names` is empty.
  static ParticipantAccess To(std::vector<std::string> names);

  bool all() const { return all_; }
  // Empty if `all()`.
  const std::vector<std::string>& names() const { return names_; }

  bool Includes(absl::string_view participant) const;

 private:
  ParticipantAccess(bool all, std::vector<std::string> names);

  bool all_;
  std::vector<std::string> names_;
};

}  // namespace uid2

#endif  // SERVER_SERVICE_PARTICIPANT_ACCESS_H_
