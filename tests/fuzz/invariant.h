// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FUZZ_INVARIANT_H_
#define TESTS_FUZZ_INVARIANT_H_

#include <cstdio>
#include <cstdlib>

namespace uid2::testing {

// Aborts unless `holds`. Fuzzers check their invariants with it in every build, because assert()
// does nothing under NDEBUG.
inline void Require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "invariant violated: %s\n", invariant);
  std::abort();
}

}  // namespace uid2::testing

#endif  // TESTS_FUZZ_INVARIANT_H_
