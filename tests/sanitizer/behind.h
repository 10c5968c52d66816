#ifndef TESTS_SANITIZER_BEHIND_H_
#define TESTS_SANITIZER_BEHIND_H_

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace uid2::sanitizer {

// A function that an executable defines under the name of one in a shared library stands in front
// of that one, for our code and for all shared libraries alike: the dynamic linker takes the
// executable's definition first. Behind() is the library's, so that the one in front can call it.
//
// `symbol` is the mangled name. A member function takes its object as the first argument (Itanium
// C++ ABI). Ends the process where no library has that name.
template <typename Function>
Function* Behind(const char* symbol) {
  void* const function = dlsym(RTLD_NEXT, symbol);
  if (function == nullptr) {
    std::fprintf(stderr, "tests/sanitizer was written for other libraries: no %s\n", symbol);
    std::abort();
  }
  return reinterpret_cast<Function*>(function);
}

}  // namespace uid2::sanitizer

#endif  // TESTS_SANITIZER_BEHIND_H_
