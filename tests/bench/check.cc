// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/check.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace uid2::bench {
namespace {

// Other threads may still be running, so exit without destroying anything.
[[noreturn]] void Fail(absl::string_view what, absl::string_view cause) {
  std::fprintf(stderr, "%s\n", absl::StrCat(what, cause).c_str());
  _exit(2);
}

}  // namespace

void Check(bool holds, absl::string_view what) {
  if (!holds) Fail(what, "");
}

int CheckCall(int result, absl::string_view what) {
  if (result < 0) Fail(what, absl::StrCat(": ", std::strerror(errno)));
  return result;
}

}  // namespace uid2::bench
