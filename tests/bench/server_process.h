// SPDX-License-Identifier: Apache-2.0

#ifndef TESTS_BENCH_SERVER_PROCESS_H_
#define TESTS_BENCH_SERVER_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <string>

namespace uid2::bench {

// A server process whose standard output is a pipe. It gets SIGTERM when the object is destroyed or
// this process dies. The destructor sends SIGKILL if it has not exited two seconds later.
class ServerProcess {
 public:
  // `argv` must end with a null pointer. The program is looked up in PATH.
  explicit ServerProcess(char* const* argv);
  ~ServerProcess();

  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // The time just before the process was created.
  std::chrono::steady_clock::time_point started() const { return started_; }

  // Waits for a line "... listening on HOST:PORT" and returns the address. Exits this process if no
  // such line arrives within `timeout`.
  std::string WaitForAddress(std::chrono::milliseconds timeout);

 private:
  // Returns false once `end` has passed.
  bool WaitForOutput(std::chrono::steady_clock::time_point end) const;

  std::chrono::steady_clock::time_point started_;
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_SERVER_PROCESS_H_
