// SPDX-License-Identifier: Apache-2.0

#include "server/app/termination.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/process.h"

namespace uid2 {
namespace {

using ::testing::ExitedWithCode;

constexpr absl::Duration kLong = absl::Hours(1);
const absl::Duration kShort = Termination::kReportTime + absl::Milliseconds(50);

void Say(absl::string_view words) { (void)!write(STDERR_FILENO, words.data(), words.size()); }

[[noreturn]] void Hang() {
  while (true) pause();
}

// The process that a death test ends.
std::unique_ptr<Termination> Begin() {
  if (!BlockSignals().ok()) std::_Exit(99);
  absl::StatusOr<std::unique_ptr<Termination>> termination = Termination::Start();
  if (!termination.ok()) std::_Exit(99);
  return *std::move(termination);
}

Termination::HardStop Stop(int status) {
  return {[status] { return status; }, [] { Say("reported"); }};
}

// Unlike raise(), to the process and not to this thread.
void Send(int signal) { (void)kill(getpid(), signal); }

// Signals that are pending at the same time come in any order.
bool EndedByEitherSignal(int status) {
  return ExitedWithCode(128 + SIGTERM)(status) || ExitedWithCode(128 + SIGINT)(status);
}

TEST(TerminationDeathTest, BeforeADrainIsExpectedASignalEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        Send(SIGTERM);
        Hang();
      },
      ExitedWithCode(128 + SIGTERM), "^$");
}

TEST(TerminationDeathTest, ASignalFromBeforeItsStartCountsToo) {
  EXPECT_EXIT(
      {
        if (!BlockSignals().ok()) std::_Exit(99);
        Send(SIGINT);
        const auto termination = Termination::Start();
        Hang();
      },
      ExitedWithCode(128 + SIGINT), "^$");
}

TEST(TerminationDeathTest, TheFirstSignalBeginsTheDrainAndTheSecondEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kLong, Stop(1));
        Send(SIGTERM);
        if (termination->AwaitDrain() != SIGTERM) std::_Exit(99);
        Send(SIGINT);
        Hang();
      },
      ExitedWithCode(128 + SIGINT), "^$");
}

TEST(TerminationDeathTest, ADrainThatDoesNotEndInTimeIsReportedAndEnded) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kShort, Stop(7));
        Send(SIGTERM);
        Hang();
      },
      ExitedWithCode(7), "^reported$");
}

TEST(TerminationDeathTest, AReportThatHangsDoesNotHoldUpTheEnd) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kShort, {[] { return 7; }, [] { Hang(); }});
        Send(SIGTERM);
        Hang();
      },
      ExitedWithCode(7), "^$");
}

TEST(TerminationDeathTest, ALimitCanBeShortenedButNotExtended) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kLong, Stop(7));
        Send(SIGTERM);
        (void)termination->AwaitDrain();
        termination->ShortenLimit(kShort);
        termination->ShortenLimit(kLong);
        Hang();
      },
      ExitedWithCode(7), "^reported$");
}

TEST(TerminationDeathTest, ADrainThatBeginsWithoutASignalHasItsOwnLimit) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kLong, Stop(7));
        termination->BeginDrain(kShort);
        if (termination->AwaitDrain() != 0) std::_Exit(99);
        Hang();
      },
      ExitedWithCode(7), "^reported$");
}

TEST(TerminationDeathTest, AfterADrainWithoutASignalTheFirstSignalChangesNothing) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kLong, Stop(1));
        termination->BeginDrain(kShort + absl::Milliseconds(200));
        Send(SIGTERM);
        Hang();
      },
      ExitedWithCode(1), "^reported$");
}

TEST(TerminationDeathTest, AfterADrainWithoutASignalTheSecondSignalEndsTheProcessAtOnce) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kLong, Stop(1));
        termination->BeginDrain(kLong);
        Send(SIGTERM);
        Send(SIGINT);
        Hang();
      },
      EndedByEitherSignal, "^$");
}

TEST(TerminationDeathTest, TheFirstCauseOfADrainCounts) {
  EXPECT_EXIT(
      {
        const auto termination = Begin();
        termination->ExpectDrain(kLong, Stop(7));
        Send(SIGTERM);
        (void)termination->AwaitDrain();
        termination->BeginDrain(kShort);
        if (termination->AwaitDrain() != SIGTERM) std::_Exit(99);
        Send(SIGTERM);
        Hang();
      },
      ExitedWithCode(128 + SIGTERM), "^$");
}

}  // namespace
}  // namespace uid2
