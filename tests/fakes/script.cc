// SPDX-License-Identifier: Apache-2.0

#include "tests/fakes/script.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace uid2::testing {

Script& Script::Send(std::string bytes) {
  steps_.emplace_back(std::move(bytes));
  return *this;
}

Script& Script::Repeat(std::string bytes, int64_t times, absl::Duration pause) {
  steps_.emplace_back(Repetition{std::move(bytes), times, pause});
  return *this;
}

Script& Script::WaitFor(const Gate& gate) {
  steps_.emplace_back(&gate);
  return *this;
}

Script& Script::UpdateKeys() {
  steps_.emplace_back(KeyUpdate());
  return *this;
}

Script& Script::Close() {
  steps_.emplace_back(End::kClose);
  return *this;
}

Script& Script::Reset() {
  steps_.emplace_back(End::kReset);
  return *this;
}

Script& Script::Cut() {
  steps_.emplace_back(End::kCut);
  return *this;
}

std::string ReplyText(int status, absl::string_view body, absl::string_view fields) {
  return absl::StrCat("HTTP/1.1 ", status, " Reason\r\n", fields, "Content-Length: ", body.size(),
                      "\r\n\r\n", body);
}

}  // namespace uid2::testing
