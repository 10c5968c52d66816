#ifndef TESTS_FUZZ_INVARIANT_H_
#define TESTS_FUZZ_INVARIANT_H_

#include <cstdio>
#include <cstdlib>

namespace uid2::testing {

// What must hold for every input of a fuzzer, in every build: assert() does nothing under NDEBUG.
inline void Require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", invariant);
  std::abort();
}

}  // namespace uid2::testing

#endif  // TESTS_FUZZ_INVARIANT_H_
