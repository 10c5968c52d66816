#ifndef TESTS_BENCH_CHECK_H_
#define TESTS_BENCH_CHECK_H_

#include "absl/strings/string_view.h"

namespace uid2::bench {

// Ends the process with exit code 2 and `what` on stderr unless `holds`. A measurement that went
// on after a failed call would be a wrong number, so the programs here have no other way out.
void Check(bool holds, absl::string_view what);

// The same for a system call's result; adds errno's text.
int CheckCall(int result, absl::string_view what);

}  // namespace uid2::bench

#endif  // TESTS_BENCH_CHECK_H_
