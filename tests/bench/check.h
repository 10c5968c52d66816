// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_CHECK_H_
#define TESTS_BENCH_CHECK_H_

#include "absl/strings/string_view.h"

namespace uid2::bench {

// If `holds` is false, prints `what` to stderr and exits with status 2. These programs never
// continue after a failure, because the measurement would be wrong.
void Check(bool holds, absl::string_view what);

// Does the same if `result`, which a system call returned, is negative, and adds the text of errno.
// Returns `result`.
int CheckCall(int result, absl::string_view what);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_CHECK_H_
