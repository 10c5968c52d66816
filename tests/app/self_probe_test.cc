// SPDX-License-Identifier: Apache-2.0

#include "server/app/self_probe.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/process.h"
#include "server/call/system_clock.h"
#include "server/event/file_descriptor.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/self_probe_metrics.h"
#include "tests/fakes/recording_event_log.h"
#include "tests/matchers/status_matchers.h"
#include "uid2/identity/v1/identity_service.grpc.pb.h"

namespace uid2 {
namespace {

using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using uid2::testing::IsOk;
using uid2::testing::RecordingEventLog;

// Probes follow each other at once, and time out only if they must.
constexpr SelfProbeOptions kBrisk = {
    .interval = absl::Milliseconds(1), .timeout = absl::Seconds(30), .failures = 3};

// A gRPC server that can be closed and opened again on the same port.
class Listener {
 public:
  Listener() { Open(); }

  void Open() {
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(address(), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_TRUE(server_ != nullptr);
  }

  void Close() {
    server_->Shutdown();
    server_.reset();
  }

  std::string address(const char* host = "127.0.0.1") const {
    return absl::StrCat(host, ":", port_);
  }

 private:
  identity::v1::IdentityService::Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class SelfProbeTest : public ::testing::Test {
 protected:
  SelfProbeTest() { EXPECT_THAT(BlockSignals(), IsOk()); }

  std::unique_ptr<SelfProbe> Start(const std::string& address,
                                   const SelfProbeOptions& options = kBrisk) {
    auto probe = SelfProbe::Start(options, address, /*tls=*/false,
                                  {clock_, SelfProbeMetrics::In(metrics_), log_},
                                  [this](absl::string_view reason) {
                                    reason_ = std::string(reason);
                                    dead_.Notify();
                                  });
    EXPECT_THAT(probe, IsOk());
    return *std::move(probe);
  }

  // Waits for a probe that ends from now on with this result.
  static void Await(const SelfProbe& probe, bool answered) {
    const steady_clock::time_point begin = steady_clock::now();
    while (true) {
      const auto last = probe.last();
      if (last.has_value() && last->ended > begin && last->answered == answered) return;
      std::this_thread::yield();
    }
  }

  // Waits until the log contains `text`, and returns all of it.
  std::string AwaitLog(const std::string& text) {
    while (!absl::StrContains(logged_, text)) {
      logged_ += absl::StrJoin(log_.Take(), "\n");
      std::this_thread::yield();
    }
    return logged_;
  }

  SystemClock clock_;
  Metrics metrics_;
  RecordingEventLog log_;
  std::string logged_;
  absl::Notification dead_;
  std::string reason_;
  Listener listener_;
};

TEST_F(SelfProbeTest, AListenerThatAnswersIsAliveAndNothingIsLogged) {
  const auto probe = Start(listener_.address());
  for (int i = 0; i < 20; ++i) Await(*probe, true);
  EXPECT_FALSE(dead_.HasBeenNotified());
  EXPECT_THAT(log_.Take(), IsEmpty());
  EXPECT_THAT(metrics_.Total("self_probe_failures_total"), Eq(0));
  EXPECT_THAT(metrics_.Total("self_probe_success"), Eq(1));
  EXPECT_THAT(metrics_.Total("self_probe_last_timestamp_seconds"),
              Ge(absl::ToUnixSeconds(clock_.Now()) - 30));
}

TEST_F(SelfProbeTest, ANameIsProbedAtTheAddressesOnWhichGrpcListens) {
  // On most hosts the name is ::1, too.
  const auto probe = Start(listener_.address("localhost"));
  for (int i = 0; i < 20; ++i) Await(*probe, true);
  EXPECT_THAT(log_.Take(), IsEmpty());
}

TEST_F(SelfProbeTest, SeveralFailuresInARowAreADeadListener) {
  const auto probe = Start(listener_.address());
  Await(*probe, true);
  listener_.Close();
  dead_.WaitForNotification();
  EXPECT_THAT(reason_, AllOf(HasSubstr(absl::StrCat("no longer accepts connections on ",
                                                    listener_.address(), ": 3 self-probes")),
                             HasSubstr("Connection refused")));
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("has failed: ")));
  EXPECT_FALSE(probe->last()->answered);
  EXPECT_THAT(metrics_.Total("self_probe_failures_total"), Eq(3));
  EXPECT_THAT(metrics_.Total("self_probe_success"), Eq(0));
}

TEST_F(SelfProbeTest, AFailureBetweenSuccessesIsForgotten) {
  SelfProbeOptions patient = kBrisk;
  patient.failures = 1'000'000;
  const auto probe = Start(listener_.address(), patient);
  for (int i = 0; i < 2; ++i) {
    Await(*probe, true);
    listener_.Close();
    Await(*probe, false);
    listener_.Open();
    AwaitLog("succeeds again");
    EXPECT_THAT(logged_, HasSubstr("has failed"));
    logged_.clear();
  }
  EXPECT_FALSE(dead_.HasBeenNotified());
}

TEST_F(SelfProbeTest, WithZeroFailuresADeadListenerIsOnlyReported) {
  SelfProbeOptions never = kBrisk;
  never.failures = 0;
  listener_.Close();
  const auto probe = Start(listener_.address(), never);
  for (int i = 0; i < 20; ++i) Await(*probe, false);
  EXPECT_FALSE(dead_.HasBeenNotified());
  EXPECT_THAT(log_.Take(), ElementsAre(HasSubstr("has failed")));
}

TEST_F(SelfProbeTest, WithoutFileDescriptorsProbesAreSkippedAndTheListenerIsNotDead) {
  rlimit before;
  ASSERT_THAT(getrlimit(RLIMIT_NOFILE, &before), Eq(0));
  rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_THAT(setrlimit(RLIMIT_NOFILE, &few), Eq(0));
  std::vector<FileDescriptor> taken;
  for (int fd; (fd = dup(0)) >= 0;) taken.emplace_back(fd);
  // The probe takes this one to be stopped with.
  taken.pop_back();
  const auto probe = Start(listener_.address());
  AwaitLog("is skipped: Too many open files");
  EXPECT_FALSE(probe->last().has_value());
  taken.clear();
  AwaitLog("succeeds again");
  ASSERT_THAT(setrlimit(RLIMIT_NOFILE, &before), Eq(0));
  EXPECT_FALSE(dead_.HasBeenNotified());
}

TEST_F(SelfProbeTest, ItEndsAtOnceWhileItWaits) {
  SelfProbeOptions slow = kBrisk;
  slow.interval = absl::Minutes(1);
  auto probe = Start(listener_.address(), slow);
  while (!probe->last().has_value()) std::this_thread::yield();
  const steady_clock::time_point begin = steady_clock::now();
  probe.reset();
  EXPECT_THAT(steady_clock::now() - begin, Lt(std::chrono::seconds(30)));
}

}  // namespace
}  // namespace uid2
