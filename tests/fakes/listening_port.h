// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_FAKES_LISTENING_PORT_H_
#define TESTS_FAKES_LISTENING_PORT_H_

#include "server/event/file_descriptor.h"

namespace uid2::testing {

// Listens at one address of 127.0.0.0/8. The system accepts connections for it; the test takes them
// when it wants to. Aborts on failure.
class ListeningPort {
 public:
  // With port 0, the system chooses one.
  explicit ListeningPort(const char* ip = "127.0.0.1", int port = 0, int backlog = 64);

  int port() const { return port_; }

  // Whether there is a connection that was not taken, now or within ten seconds.
  bool HasConnection() const;
  bool AwaitConnection() const;

  // Takes the next one, in the order in which they were made.
  FileDescriptor Accept() const;

  // Makes a connection to itself.
  FileDescriptor Fill() const;

 private:
  const FileDescriptor fd_;
  int port_ = 0;
};

}  // namespace uid2::testing

#endif  // TESTS_FAKES_LISTENING_PORT_H_
