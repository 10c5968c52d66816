// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_SANITIZER_BEHIND_H_
#define TESTS_SANITIZER_BEHIND_H_

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace uid2::sanitizer {

// If an executable defines a function with the same name as one in a shared library, the dynamic
// linker resolves calls to the executable's function, both from our code and from all shared
// libraries (symbol interposition). Behind() returns the library's function, so that the
// interposing function can call it.
//
// `symbol` is the mangled name. A member function takes its object as the first argument (Itanium
// C++ ABI). Aborts the process if no library defines the symbol.
template <typename Function>
Function* Behind(const char* symbol) {
  void* const function = dlsym(RTLD_NEXT, symbol);
  if (function == nullptr) {
    std::fprintf(stderr,
                 "no shared library defines %s: tests/sanitizer supports the Abseil and gRPC "
                 "packages of Debian 12 only\n",
                 symbol);
    std::abort();
  }
  return reinterpret_cast<Function*>(function);
}

}  // namespace uid2::sanitizer

#endif  // TESTS_SANITIZER_BEHIND_H_
