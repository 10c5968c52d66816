// SPDX-License-Identifier: Apache-2.0

#include "server/http/wire/dialer.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/event/event_loop.h"
#include "server/event/file_descriptor.h"
#include "server/telemetry/metric.h"
#include "tests/fakes/listening_port.h"

namespace uid2::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Its queue is full, so that the system drops what tries to connect.
class SilentPort {
 public:
  explicit SilentPort(const char* ip, int port = 0) : port_(ip, port, /*backlog=*/0) {}

  int port() const { return port_.port(); }

  // Makes room, so that it answers when the system tries again, a second after the first time.
  void EndSilence() { (void)port_.Accept(); }

 private:
  const ListeningPort port_;
  const FileDescriptor filler_ = port_.Fill();
};

class DialerTest : public ::testing::Test, protected Dialer::Listener {
 protected:
  void OnConnected(Dialer::Dial& dial, FileDescriptor socket, const std::string& peer) override {
    EXPECT_TRUE(socket.valid());
    socket_ = std::move(socket);
    peer_ = peer;
    Ended(dial);
  }
  void OnNotConnected(Dialer::Dial& dial, int error) override {
    error_ = error;
    Ended(dial);
  }

  void Begin(const std::vector<std::string>& addresses, int port) {
    begun_ = steady_clock::now();
    dial_ = dialer_.Begin(addresses, port, Counter(), *this);
  }

  // Until the dial has ended, or for `at_most`.
  void Run(milliseconds at_most = milliseconds(10'000)) {
    const auto until = steady_clock::now() + at_most;
    while (dial_ != nullptr && steady_clock::now() < until) loop_->RunOnce(until);
  }

  static auto Failed(const std::string& peer, int error) {
    return AllOf(Field(&Dialer::Try::peer, peer), Field(&Dialer::Try::error, error));
  }

  std::unique_ptr<EventLoop> loop_ = *EventLoop::New();
  Dialer dialer_{*loop_, absl::Seconds(30)};
  std::unique_ptr<Dialer::Dial> dial_;
  steady_clock::time_point begun_;
  milliseconds took_{0};
  FileDescriptor socket_;
  std::string peer_;
  absl::optional<int> error_;
  std::vector<Dialer::Try> tries_;

 private:
  void Ended(Dialer::Dial& dial) {
    EXPECT_EQ(&dial, dial_.get());
    tries_ = dial.tries();
    took_ = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun_);
    dial_.reset();
  }
};

TEST_F(DialerTest, ConnectsToTheFirstAddress) {
  const ListeningPort one("127.0.0.1");
  const ListeningPort two("127.0.0.2", one.port());
  Begin({"127.0.0.1", "127.0.0.2"}, one.port());
  EXPECT_THAT(peer_, IsEmpty()) << "within Begin()";
  Run();
  EXPECT_THAT(peer_, Eq(absl::StrCat("127.0.0.1:", one.port())));
  EXPECT_THAT(tries_, ElementsAre(Failed(peer_, 0)));
  int on = 0;
  socklen_t size = sizeof(on);
  EXPECT_EQ(getsockopt(socket_.get(), SOL_SOCKET, SO_KEEPALIVE, &on, &size), 0);
  EXPECT_THAT(on, Eq(1));
}

TEST_F(DialerTest, TriesTheNextAddressAtOnceIfOneFails) {
  const ListeningPort two("127.0.0.2");
  Begin({"127.0.0.1", "[::1]", "127.0.0.2"}, two.port());
  // Passes that do not wait: a pause before the next address would outlast them.
  for (int i = 0; i < 10; ++i) loop_->RunOnce(steady_clock::time_point::min());
  EXPECT_THAT(peer_, Eq(absl::StrCat("127.0.0.2:", two.port())));
  EXPECT_THAT(tries_, SizeIs(3));
  EXPECT_THAT(tries_[0], Failed(absl::StrCat("127.0.0.1:", two.port()), ECONNREFUSED));
}

TEST_F(DialerTest, TriesTheNextAddressAfterAWhileIfOneIsSilent) {
  const SilentPort one("127.0.0.1");
  const ListeningPort two("127.0.0.2", one.port());
  Begin({"127.0.0.1", "127.0.0.2"}, one.port());
  Run();
  EXPECT_THAT(peer_, Eq(absl::StrCat("127.0.0.2:", one.port())));
  EXPECT_THAT(tries_,
              ElementsAre(Failed(absl::StrCat("127.0.0.1:", one.port()), 0), Failed(peer_, 0)));
  EXPECT_THAT(took_, Ge(milliseconds(200)));
}

TEST_F(DialerTest, AnAddressThatWasTriedAfterTheOneThatAnswersIsNoTry) {
  SilentPort slow("127.0.0.1");
  const SilentPort silent("127.0.0.2", slow.port());
  Begin({"127.0.0.1", "127.0.0.2"}, slow.port());
  Run(milliseconds(300));
  ASSERT_THAT(dial_->tries(), SizeIs(2));
  slow.EndSilence();
  Run();
  EXPECT_THAT(peer_, Eq(absl::StrCat("127.0.0.1:", slow.port())));
  EXPECT_THAT(tries_, ElementsAre(Failed(peer_, 0)));
}

TEST_F(DialerTest, AddressesOfBothKindsTakeTurns) {
  Begin({"127.0.0.1", "127.0.0.2", "127.0.0.3", "[::1]", "[::2]"}, 1);
  Run();
  std::vector<std::string> peers;
  for (const Dialer::Try& tried : tries_) peers.push_back(tried.peer);
  EXPECT_THAT(peers,
              ElementsAre("127.0.0.1:1", "[::1]:1", "127.0.0.2:1", "[::2]:1", "127.0.0.3:1"));
}

TEST_F(DialerTest, FailsWithTheLastErrorIfNoAddressAnswers) {
  Begin({"127.0.0.1", "127.0.0.2"}, 1);
  Run();
  EXPECT_THAT(error_, Eq(ECONNREFUSED));
  EXPECT_THAT(tries_, ElementsAre(Failed("127.0.0.1:1", ECONNREFUSED),
                                  Failed("127.0.0.2:1", ECONNREFUSED)));
}

TEST_F(DialerTest, AnAddressThatIsNoneFails) {
  Begin({"operator.test"}, 443);
  Run();
  EXPECT_THAT(error_, Eq(EINVAL));
}

TEST_F(DialerTest, AnAbandonedDialIsForgotten) {
  const SilentPort silent("127.0.0.1");
  const ListeningPort two("127.0.0.2", silent.port());
  Begin({"127.0.0.1", "127.0.0.2"}, silent.port());
  dial_.reset();
  Begin({"127.0.0.1", "127.0.0.2"}, silent.port());
  loop_->RunOnce(EventLoop::TimePoint::min());
  dial_.reset();
  // Nobody is called: RunOnce() would wait until the time that is given.
  loop_->RunOnce(steady_clock::now() + milliseconds(300));
  EXPECT_THAT(peer_, IsEmpty());
  EXPECT_FALSE(error_.has_value());
}

// As a request does that is retried.
class Again final : public Dialer::Listener {
 public:
  explicit Again(Dialer& dialer) : dialer_(dialer) { Begin(); }

  void OnConnected(Dialer::Dial& /*dial*/, FileDescriptor /*socket*/,
                   const std::string& /*peer*/) override {
    FAIL();
  }
  void OnNotConnected(Dialer::Dial& /*dial*/, int /*error*/) override {
    ++failures_;
    Begin();
  }

  int failures() const { return failures_; }

 private:
  void Begin() { dial_ = dialer_.Begin({"not an address"}, 1, Counter(), *this); }

  Dialer& dialer_;
  std::unique_ptr<Dialer::Dial> dial_;
  int failures_ = 0;
};

TEST_F(DialerTest, AListenerThatAlwaysBeginsAgainDoesNotHoldTheLoop) {
  const Again again(dialer_);
  for (int pass = 1; pass <= 3; ++pass) {
    loop_->RunOnce(EventLoop::TimePoint::max());
    EXPECT_THAT(again.failures(), Eq(pass));
  }
}

}  // namespace
}  // namespace uid2::testing
