// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_APP_THREAD_COUNT_H_
#define TESTS_APP_THREAD_COUNT_H_

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace uid2::testing {

// Returns how many threads this process has.
inline std::ptrdiff_t ThreadCount() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

}  // namespace uid2::testing

#endif  // TESTS_APP_THREAD_COUNT_H_
