// SPDX-License-Identifier: Apache-2.0

// Calls an IdentityService on this machine, as directed by commands on stdin. Prints one line per
// call, as caller.h describes. Calls begin on schedule, no matter how long earlier calls take.
//
//   rate 500             begin 500 calls per second from now on, at even intervals; 0: none
//   burst 3000           begin 3000 calls at once
//   refresh|same|cancel|hasty 0.5      set a share of Mix
//   force 0              refreshes that are not due do not call the operator; 1: they do
//   deadline_ms 8000     set the deadline of Mix
//   rest 0               begin no more calls; print "rest BEGUN ANSWERED" once none is in flight
//
// At the end of stdin, waits for the last answer, and prints "end BEGUN ANSWERED CPU_US". CPU_US is
// the CPU time that this process has used.

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "tests/bench/check.h"
#include "tests/bench/pace_timer.h"
#include "tests/load/caller.h"

ABSL_FLAG(std::vector<std::string>, targets, {},
          "127.0.0.1:PORT of each replica; or dns://127.0.0.1:PORT/NAME:PORT, a name that the DNS "
          "server there resolves");
ABSL_FLAG(int, channels, 2, "connections to each replica");
ABSL_FLAG(bool, plain, false, "use channels as they are without any configuration");
ABSL_FLAG(std::string, service_config, "", "JSON to use as the channels' service config");
ABSL_FLAG(std::vector<std::string>, participants, std::vector<std::string>({""}),
          "names of participants, which calls use in turn");
ABSL_FLAG(uint64_t, seed, 1, "random seed for the mix of calls");

namespace uid2::load {
namespace {

using bench::Check;
using bench::CheckCall;
using bench::PaceTimer;

// Resolution of the cancellation times.
constexpr int kTickMs = 5;

class Commands {
 public:
  explicit Commands(Caller& caller) : caller_(caller) {}

  void Run() {
    while (!ended_) {
      pollfd watched[] = {{STDIN_FILENO, POLLIN, 0},
                          {timer_ ? timer_->descriptor() : -1, POLLIN, 0}};
      CheckCall(poll(watched, 2, kTickMs), "poll");
      if (watched[1].revents != 0) BeginDue();
      if (watched[0].revents != 0) Read();
      caller_.CancelDue();
      if (resting_ && caller_.answered() == caller_.begun()) {
        resting_ = false;
        std::printf("rest %llu %llu\n", static_cast<unsigned long long>(caller_.begun()),
                    static_cast<unsigned long long>(caller_.answered()));
      }
    }
    // Calls still due for cancellation end at their deadline instead.
    caller_.End();
  }

 private:
  void BeginDue() {
    const int64_t due = timer_->Wait();
    for (int64_t i = 0; i < due; ++i) {
      ++paced_;
      caller_.Begin(
          mix_,
          paced_from_ + std::chrono::duration_cast<Caller::Clock::duration>(
                            std::chrono::duration<double>(static_cast<double>(paced_) / rate_)));
    }
  }

  void Read() {
    char bytes[4096];
    const int count = CheckCall(static_cast<int>(read(STDIN_FILENO, bytes, sizeof(bytes))), "read");
    ended_ = count == 0;
    input_.append(bytes, static_cast<size_t>(count));
    for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      const std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      const std::pair<std::string, std::string> parts = absl::StrSplit(line, ' ');
      double value = 0;
      Check(absl::SimpleAtod(parts.second, &value) && value >= 0,
            absl::StrCat("not a number: ", line));
      Obey(parts.first, value);
    }
  }

  void Obey(absl::string_view name, double value) {
    if (name == "rate") {
      Pace(value);
    } else if (name == "burst") {
      const Caller::Clock::time_point now = Caller::Clock::now();
      for (int i = 0; i < static_cast<int>(value); ++i) caller_.Begin(mix_, now);
    } else if (name == "refresh") {
      mix_.refresh = value;
    } else if (name == "same") {
      mix_.same = value;
    } else if (name == "force") {
      mix_.force = value != 0;
    } else if (name == "cancel") {
      mix_.cancel = value;
    } else if (name == "hasty") {
      mix_.hasty = value;
    } else if (name == "rest") {
      Pace(0);
      resting_ = true;
    } else if (name == "deadline_ms") {
      mix_.deadline = std::chrono::milliseconds(static_cast<int64_t>(value));
    } else {
      Check(false, absl::StrCat("unknown command: ", name));
    }
  }

  void Pace(double rate) {
    timer_.reset();
    rate_ = rate;
    paced_ = 0;
    paced_from_ = Caller::Clock::now();
    if (rate > 0) timer_.emplace(rate);
  }

  Caller& caller_;
  Mix mix_;
  bool ended_ = false;
  bool resting_ = false;
  std::string input_;
  absl::optional<PaceTimer> timer_;
  double rate_ = 0;
  int64_t paced_ = 0;
  Caller::Clock::time_point paced_from_;
};

long long CpuMicros() {
  rusage used;
  CheckCall(getrusage(RUSAGE_SELF, &used), "getrusage");
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000LL + used.ru_utime.tv_usec +
         used.ru_stime.tv_usec;
}

}  // namespace
}  // namespace uid2::load

int main(int argc, char** argv) {
  namespace load = uid2::load;
  absl::SetProgramUsageMessage(
      "Calls an IdentityService on this machine, as directed by commands on stdin.");
  absl::ParseCommandLine(argc, argv);
  const std::vector<std::string> targets = absl::GetFlag(FLAGS_targets);
  const bool named = targets.size() == 1 && absl::StartsWith(targets[0], "dns://127.0.0.1:");
  for (const std::string& target : targets) {
    load::Check(
        named || absl::StartsWith(target, "127.0.0.1:"),
        "--targets must be addresses 127.0.0.1:PORT, or one dns://127.0.0.1:PORT/NAME:PORT");
  }
  // The flag parses an empty string as an empty list.
  std::vector<std::string> participants = absl::GetFlag(FLAGS_participants);
  if (participants.empty()) participants.push_back("");
  load::Check(!targets.empty() && absl::GetFlag(FLAGS_channels) > 0,
              "--targets must be set, and --channels must be positive");
  // Line-buffered, so that a reader sees each call as soon as it has ended.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);

  load::Caller caller(named ? targets[0] : absl::StrCat("ipv4:", absl::StrJoin(targets, ",")),
                      absl::GetFlag(FLAGS_channels), absl::GetFlag(FLAGS_plain),
                      absl::GetFlag(FLAGS_service_config), std::move(participants),
                      absl::GetFlag(FLAGS_seed));
  std::thread answers([&] { caller.RunAnswers(); });
  load::Commands(caller).Run();
  answers.join();
  std::printf("end %llu %llu %lld\n", static_cast<unsigned long long>(caller.begun()),
              static_cast<unsigned long long>(caller.answered()), load::CpuMicros());
}
