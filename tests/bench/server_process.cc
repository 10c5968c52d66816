#include "tests/bench/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include "absl/strings/string_view.h"
#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr absl::string_view kReady = "listening on ";

}  // namespace

ServerProcess::ServerProcess(char* const* argv) {
  std::array<int, 2> pipe_ends;
  CheckCall(pipe2(pipe_ends.data(), O_CLOEXEC), "pipe2");
  started_ = steady_clock::now();
  pid_ = CheckCall(fork(), "fork");
  if (pid_ == 0) {
    CheckCall(prctl(PR_SET_PDEATHSIG, SIGTERM), "prctl");
    CheckCall(dup2(pipe_ends[1], STDOUT_FILENO), "dup2");
    execvp(argv[0], argv);
    CheckCall(-1, argv[0]);
  }
  close(pipe_ends[1]);
  output_ = pipe_ends[0];
}

ServerProcess::~ServerProcess() {
  close(output_);
  kill(pid_, SIGTERM);
  // There is no portable wait with a time-out; nothing is measured any more.
  for (int i = 0; i < 200; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string ServerProcess::WaitForAddress(milliseconds timeout) {
  const auto end = started_ + timeout;
  std::string line;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now()).count();
    pollfd waiting{output_, POLLIN, 0};
    Check(left > 0 && poll(&waiting, 1, static_cast<int>(left)) > 0,
          "the server does not say that it listens");
    char next = 0;
    Check(read(output_, &next, 1) == 1, "the server has ended");
    if (next != '\n') {
      line.push_back(next);
      continue;
    }
    const size_t at = line.find(kReady.data());
    if (at != std::string::npos) return line.substr(at + kReady.size());
    line.clear();
  }
}

}  // namespace uid2::bench
