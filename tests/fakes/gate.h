// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_GATE_H_
#define TESTS_FAKES_GATE_H_

#include <sys/eventfd.h>

#include <cstdlib>

#include "server/event/file_descriptor.h"

namespace uid2::testing {

// An event that can be awaited together with a socket: Open() makes its descriptor readable for
// good. Thread-safe.
class Gate {
 public:
  void Open() {
    if (eventfd_write(event_.get(), 1) != 0) std::abort();
  }
  int fd() const { return event_.get(); }

 private:
  FileDescriptor event_{eventfd(0, EFD_CLOEXEC)};
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_GATE_H_
