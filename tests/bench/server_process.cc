// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "absl/strings/string_view.h"
#include "tests/bench/check.h"

namespace uid2::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr absl::string_view kReady = "listening on ";
constexpr std::chrono::seconds kPatience(2);

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
  kill(pid_, SIGTERM);
  const auto end = steady_clock::now() + kPatience;
  // The pipe reaches end of file when the process exits.
  std::array<char, 4096> rest;
  while (WaitForOutput(end)) {
    if (read(output_, rest.data(), rest.size()) <= 0) break;
  }
  if (steady_clock::now() >= end) kill(pid_, SIGKILL);
  close(output_);
  waitpid(pid_, nullptr, 0);
}

std::string ServerProcess::WaitForAddress(milliseconds timeout) {
  const auto end = started_ + timeout;
  std::string line;
  for (;;) {
    Check(WaitForOutput(end), "the server did not print its address in time");
    char next = 0;
    Check(read(output_, &next, 1) == 1, "the server exited before it printed its address");
    if (next != '\n') {
      line.push_back(next);
      continue;
    }
    const size_t at = line.find(kReady.data());
    if (at != std::string::npos) return line.substr(at + kReady.size());
    line.clear();
  }
}

bool ServerProcess::WaitForOutput(steady_clock::time_point end) const {
  const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now()).count();
  pollfd waiting{output_, POLLIN, 0};
  return left > 0 && poll(&waiting, 1, static_cast<int>(left)) > 0;
}

}  // namespace uid2::bench
