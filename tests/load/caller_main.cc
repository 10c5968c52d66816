// Callers of an IdentityService on this machine, told what to do by lines on stdin; a line a call
// on stdout, as caller.h describes. They begin calls at their times, however the earlier ones fare.
//
//   rate 500             calls a second from now on, evenly; 0: none
//   burst 3000           so many at once
//   refresh|same|cancel|hasty 0.5      a share of Mix
//   deadline_ms 8000
//   rest 0               no more of them; "rest BEGUN ANSWERED" once none is under way
//
// The end of stdin is the end: waits for the last answer, and prints "end BEGUN ANSWERED CPU_US",
// the last being the CPU time that this process has used.

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
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "tests/bench/check.h"
#include "tests/bench/pace_timer.h"
#include "tests/load/caller.h"

ABSL_FLAG(std::vector<std::string>, targets, {}, "127.0.0.1:PORT of each replica");
ABSL_FLAG(int, channels, 2, "connections to each replica");
ABSL_FLAG(std::vector<std::string>, participants, std::vector<std::string>({""}),
          "each call names the next of them");
ABSL_FLAG(uint64_t, seed, 1, "of who calls how");

namespace uid2::load {
namespace {

using bench::Check;
using bench::CheckCall;
using bench::PaceTimer;

// Cancellations are that punctual.
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
    // Those that were to be cancelled end by their deadline at the latest.
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
      Check(false, absl::StrCat("no command: ", name));
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
  absl::SetProgramUsageMessage("Calls an IdentityService on this machine, as stdin says.");
  absl::ParseCommandLine(argc, argv);
  const std::vector<std::string> targets = absl::GetFlag(FLAGS_targets);
  for (const std::string& target : targets) {
    load::Check(target.rfind("127.0.0.1:", 0) == 0, "--targets are not 127.0.0.1:PORT");
  }
  // The flag takes an empty text for no name at all.
  std::vector<std::string> participants = absl::GetFlag(FLAGS_participants);
  if (participants.empty()) participants.push_back("");
  load::Check(!targets.empty() && absl::GetFlag(FLAGS_channels) > 0,
              "--targets and --channels must be given");
  // Whoever reads sees each call when it has ended.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);

  load::Caller caller(absl::StrJoin(targets, ","), absl::GetFlag(FLAGS_channels),
                      std::move(participants), absl::GetFlag(FLAGS_seed));
  std::thread answers([&] { caller.RunAnswers(); });
  load::Commands(caller).Run();
  answers.join();
  std::printf("end %llu %llu %lld\n", static_cast<unsigned long long>(caller.begun()),
              static_cast<unsigned long long>(caller.answered()), load::CpuMicros());
}
