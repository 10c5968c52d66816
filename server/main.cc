// SPDX-License-Identifier: Apache-2.0

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "archive_packages.h"
#include "server/app/admin_port.h"
#include "server/app/build_info.h"
#include "server/app/command_line.h"
#include "server/app/drain.h"
#include "server/app/library_log.h"
#include "server/app/liveness.h"
#include "server/app/process.h"
#include "server/app/process_metrics.h"
#include "server/app/readiness.h"
#include "server/app/self_probe.h"
#include "server/app/server.h"
#include "server/app/start_guard.h"
#include "server/app/termination.h"
#include "server/app/version.h"
#include "server/call/system_clock.h"
#include "server/config/configuration.h"
#include "server/telemetry/json_log.h"
#include "server/telemetry/log_metrics.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/self_probe_metrics.h"

ABSL_FLAG(std::string, config, "",
          "Configuration file in protobuf text format; deploy/local/server.txtpb is a commented "
          "sample.");
ABSL_FLAG(bool, check_config, false,
          "Report everything that is wrong with the configuration and its credentials, and exit.");
ABSL_FLAG(bool, print_config, false,
          "Do the same and, if nothing is wrong, print the configuration with every value that is "
          "in effect, without secrets.");

namespace uid2 {
namespace {

constexpr absl::string_view kFlags[] = {"config", "check_config", "print_config"};

constexpr char kUsage[] =
    R"(identity_server turns users' emails and phones into UID2 or EUID identities, over gRPC.

  identity_server --config=FILE                  serve until SIGTERM or SIGINT
  identity_server --check_config --config=FILE   check the configuration and exit
  identity_server --print_config --config=FILE   check it, print every value, and exit
  identity_server --help                         print this text and exit
  identity_server --version                      print the versions and exit

The address that was bound is printed on stdout; the log is JSON lines on stderr.

Flags:
)";

constexpr char kExitStatuses[] = R"(
Exit status:
  0        the drain is over and every call has finished
  1        the drain is over and some calls were cut
  2        a flag or the configuration is wrong, or the server cannot start
  3        the server no longer accepted connections, and has drained
  128 + N  signal N ended the process at once: a second one, or one during the start)";

// Drain and Termination have the others.
constexpr int kCannotStart = 2;

// Hundreds of times what a start takes.
constexpr absl::Duration kMaxStartTime = absl::Seconds(30);

constexpr int kThreadsOfWorker = 2;
// gRPC's threads, the log, the file watcher, the self-probe, the synthetic probe, the admin port,
// the termination, and those that look up names.
constexpr int kThreadsOfServer = 18;

// Whoever reads stdout or stderr may have stopped; the process must end all the same.
constexpr absl::Duration kReaderTimeout = absl::Seconds(2);

bool Print(int descriptor, absl::string_view text) {
  return WriteWithin(kReaderTimeout, descriptor, absl::StrCat(text, "\n"));
}

int Fail(absl::string_view problem) {
  (void)Print(STDERR_FILENO, absl::StrCat("identity_server: ", problem));
  return kCannotStart;
}

// Prints what the process was started for, and returns its exit status.
int PrintResult(absl::string_view text) {
  if (Print(STDOUT_FILENO, text)) return EXIT_SUCCESS;
  return Fail("cannot write to stdout: is its disk full, or has its reader ended?");
}

absl::Status PrepareProcess() {
  for (const absl::Status& status :
       {KeepOpenSslUntilExit(), BlockSignals(), ForbidCoreDumps(), SeedRand()}) {
    if (!status.ok()) return status;
  }
  // The packaged Abseil checks for lock cycles each time a mutex is locked, which triples the cost.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return absl::OkStatus();
}

int Serve(LoadedConfiguration loaded, StartGuard& guard, Termination& termination) {
  // Never destroyed: gRPC may log until the process ends, and the log's reader may have stopped.
  static const SystemClock& clock = *new SystemClock;
  static Metrics& metrics = *new Metrics;
  static JsonLog& log =
      *new JsonLog(STDERR_FILENO, loaded.configuration->log, LogMetrics::In(metrics),
                   {[] { return clock.Now(); }, [] { return clock.Steady(); }});
  static Drain& drain = *new Drain(termination, log, metrics);
  SendLibraryErrorsTo(log);
  for (const std::string& notice : loaded.notices) log.Event(Severity::kWarning, notice);
  const SelfProbeOptions probing = loaded.configuration->self_probe;
  const bool tls = loaded.configuration->tls.has_value();
  const absl::Duration drain_delay = loaded.configuration->drain_delay;
  const absl::Duration drain_timeout = loaded.configuration->drain_timeout;
  // The admin port, which is open until the process ends, asks these.
  static Readiness& readiness = *new Readiness(metrics);
  static Liveness& liveness = *new Liveness(probing);
  std::unique_ptr<AdminPort> admin;
  if (!loaded.configuration->admin_address.empty()) {
    static ProcessMetrics& process = *new ProcessMetrics(metrics);
    absl::StatusOr<std::unique_ptr<AdminPort>> started =
        AdminPort::Start(loaded.configuration->admin_address,
                         {[] {
                            process.Update();
                            return metrics.Text();
                          },
                          [] { return liveness.status(); }, [] { return readiness.status(); }});
    if (!started.ok()) {
      (void)log.writer().Flush(kReaderTimeout);
      return Fail(started.status().message());
    }
    admin = *std::move(started);
  }
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(*std::move(loaded.configuration), clock, metrics, readiness, log, log);
  if (!server.ok()) {
    (void)log.writer().Flush(kReaderTimeout);
    return Fail(server.status().message());
  }
  guard.Disarm();
  FlushOnAbort(log.writer());
  drain.Expect(drain_delay, drain_timeout);
  absl::StatusOr<std::unique_ptr<SelfProbe>> probe = SelfProbe::Start(
      probing, (*server)->address(), tls, {clock, SelfProbeMetrics::In(metrics), log},
      [](absl::string_view reason) { drain.BeginWithoutListener(reason); });
  if (!probe.ok()) {
    (void)log.writer().Flush(kReaderTimeout);
    return Fail(probe.status().message());
  }
  liveness.Follow(**probe);
  (void)Print(STDOUT_FILENO, absl::StrCat("identity_server listening on ", (*server)->address()));
  if (admin != nullptr) {
    (void)Print(STDOUT_FILENO, absl::StrCat("admin port listening on ", admin->address()));
  }
  log.Event(Severity::kInfo,
            absl::StrCat("version ", kVersion, " listening on ", (*server)->address()));
  if (admin != nullptr) {
    log.Event(Severity::kInfo, absl::StrCat("admin port listening on ", admin->address()));
  }

  return drain.Run(readiness, liveness, *std::move(probe), *std::move(server));
}

int Run(const std::vector<std::string>& notices) {
  // Never destroyed: a failed start may also wait forever while it cleans up.
  static StartGuard& guard = *new StartGuard(kMaxStartTime);
  absl::StatusOr<std::unique_ptr<Termination>> started = Termination::Start();
  if (!started.ok()) return Fail(started.status().message());
  // Never destroyed: it watches until the process has ended.
  static Termination& termination = *started->release();
  const std::string path = absl::GetFlag(FLAGS_config);
  if (path.empty()) {
    return Fail("no configuration: use --config=FILE (deploy/local/server.txtpb is a sample)");
  }
  const absl::StatusOr<int64_t> open_files = RaiseOpenFileLimit();
  if (!open_files.ok()) return Fail(open_files.status().message());
  LoadedConfiguration loaded = LoadConfiguration(path, *open_files, SystemClock().Now());
  loaded.notices.insert(loaded.notices.end(), notices.begin(), notices.end());
  for (const std::string& problem : loaded.problems) (void)Print(STDERR_FILENO, problem);
  if (!loaded.configuration.has_value()) {
    return Fail(absl::StrCat(path, " has ", loaded.problems.size(), " problem",
                             loaded.problems.size() == 1 ? "" : "s"));
  }
  // Each worker can have one to itself.
  LimitMallocArenas(loaded.configuration->workers);
  const absl::Status threads =
      CheckThreads(kThreadsOfWorker * loaded.configuration->workers + kThreadsOfServer);
  if (!threads.ok()) return Fail(threads.message());
  const bool print = absl::GetFlag(FLAGS_print_config);
  if (print || absl::GetFlag(FLAGS_check_config)) {
    for (const std::string& notice : loaded.notices) (void)Print(STDERR_FILENO, notice);
    return PrintResult(print ? std::string(absl::StripSuffix(loaded.effective, "\n"))
                             : absl::StrCat(path, " is good"));
  }
  return Serve(std::move(loaded), guard, termination);
}

}  // namespace
}  // namespace uid2

int main(int argc, char** argv) {
  const absl::Status standard_files = uid2::CheckStandardFiles();
  if (!standard_files.ok()) return uid2::Fail(standard_files.message());
  const absl::StatusOr<uid2::CommandLineRequest> request =
      uid2::ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc), uid2::kFlags);
  if (!request.ok()) return uid2::Fail(request.status().message());
  switch (*request) {
    case uid2::CommandLineRequest::kHelp:
      return uid2::PrintResult(
          absl::StrCat(uid2::kUsage, uid2::FlagsHelp(uid2::kFlags), uid2::kExitStatuses));
    case uid2::CommandLineRequest::kVersion:
      return uid2::PrintResult(uid2::BuildInfo("identity_server", kArchivePackages));
    case uid2::CommandLineRequest::kRun:
      break;
  }
  const std::vector<std::string> notices = uid2::CleanEnvironment();
  const absl::Status prepared = uid2::PrepareProcess();
  if (!prepared.ok()) return uid2::Fail(prepared.message());
  return uid2::Run(notices);
}
