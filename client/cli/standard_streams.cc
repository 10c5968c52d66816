// SPDX-License-Identifier: Apache-2.0

#include "client/cli/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include "client/cli/environment.h"

namespace uid2::cli {

namespace {

void OccupyStandardStreams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // The wrong way round, so that its use fails. open() returns the lowest free number, which is
    // this one; if it fails, there is nothing left to try.
    (void)open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// main() would be too late: the initialization of shared libraries already opens files. The linker
// runs what is in this section before that.
__attribute__((section(".preinit_array"),
               used)) void (*const occupy_before_libraries)() = &OccupyStandardStreams;

}  // namespace

bool IsTerminal(int descriptor) { return Variable("TERM") != "dumb" && isatty(descriptor) != 0; }

bool HasColors(int descriptor) {
  return Variable("NO_COLOR").value_or("").empty() && IsTerminal(descriptor);
}

}  // namespace uid2::cli
