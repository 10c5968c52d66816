// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/stop_signal.h"

#include <sys/signalfd.h>

#include <csignal>

#include "tests/bench/check.h"

namespace uid2::bench {

int StopSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  Check(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0, "cannot block signals");
  return CheckCall(signalfd(-1, &signals, SFD_CLOEXEC), "signalfd");
}

}  // namespace uid2::bench
