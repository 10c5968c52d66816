#ifndef TESTS_BENCH_SERVER_PROCESS_H_
#define TESTS_BENCH_SERVER_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <string>

namespace uid2::bench {

// A server that was started with its standard output in a pipe. It is sent SIGTERM when the
// object dies, or this process, and SIGKILL where it has not ended two seconds later.
class ServerProcess {
 public:
  // `argv` ends in a null pointer. The program is looked up as a shell would.
  explicit ServerProcess(char* const* argv);
  ~ServerProcess();

  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Just before the process was made.
  std::chrono::steady_clock::time_point started() const { return started_; }

  // Waits for a line "... listening on HOST:PORT" and returns the address. Ends this process
  // where none comes within `timeout`.
  std::string WaitForAddress(std::chrono::milliseconds timeout);

 private:
  // False once `end` has passed.
  bool WaitForOutput(std::chrono::steady_clock::time_point end) const;

  std::chrono::steady_clock::time_point started_;
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace uid2::bench

#endif  // TESTS_BENCH_SERVER_PROCESS_H_
