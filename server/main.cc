#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/app/grpc_log.h"
#include "server/app/process.h"
#include "server/app/server.h"
#include "server/app/version.h"
#include "server/call/system_clock.h"
#include "server/config/configuration.h"
#include "server/telemetry/json_log.h"
#include "server/telemetry/log_writer.h"

ABSL_FLAG(std::string, config, "",
          "Configuration file in protobuf text format; deploy/local/server.txtpb is a commented "
          "sample");
ABSL_FLAG(bool, check_config, false,
          "Say everything that is wrong with the configuration and its credentials, and exit");

namespace uid2 {
namespace {

constexpr char kUsage[] =
    R"(turns users' emails and phones into UID2 or EUID identities, over gRPC.

  identity_server --config=FILE                  serve until SIGTERM or SIGINT
  identity_server --check_config --config=FILE   check the configuration and exit

The address that was bound is printed on stdout; the log is JSON lines on stderr.

Exit status: 0 after a drain in which every call finished, 1 if some had to be cut,
2 if the configuration is wrong or the server cannot start, 128 + N after a second signal N.)";

// Exit statuses; kUsage and docs/runbook.md describe them.
constexpr int kCallsCut = 1;
constexpr int kCannotStart = 2;
constexpr int kSecondSignal = 128;

// A change of an operator's health is in the log after at most this time.
constexpr absl::Duration kWatchInterval = absl::Seconds(1);

int Fail(absl::string_view problem) {
  std::cerr << "identity_server: " << problem << std::endl;
  return kCannotStart;
}

absl::Status PrepareProcess() {
  CleanEnvironment();
  for (const absl::Status& status : {BlockSignals(), ForbidCoreDumps()}) {
    if (!status.ok()) return status;
  }
  // The packaged Abseil looks for lock cycles at every lock, which triples its price.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return absl::OkStatus();
}

int Serve(LoadedConfiguration loaded) {
  // Never destroyed: gRPC may have something to say until the very end.
  static const SystemClock& clock = *new SystemClock;
  static LogWriter& writer = *new LogWriter(STDERR_FILENO);
  static JsonLog& log = *new JsonLog(writer, [] { return clock.Now(); });
  SendGrpcErrorsTo(log);
  for (const std::string& notice : loaded.notices) log.Event(Severity::kWarning, notice);
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(*std::move(loaded.configuration), clock, log, log);
  if (!server.ok()) return Fail(server.status().message());
  std::cout << "identity_server listening on " << (*server)->address() << std::endl;
  log.Event(Severity::kInfo,
            absl::StrCat("version ", kVersion, " listening on ", (*server)->address()));

  absl::optional<int> first;
  while (!(first = AwaitSignal(kWatchInterval)).has_value()) (*server)->WatchOperators();
  // The one thread that nobody awaits: it waits for a signal that may never come.
  std::thread([] { std::_Exit(kSecondSignal + AwaitSignal()); }).detach();
  log.Event(Severity::kInfo, absl::StrCat("signal ", *first, ": draining"));
  log.Totals("draining", (*server)->totals());
  const int cut = (*server)->Drain();
  log.Totals("stopped", (*server)->totals());
  log.Event(cut == 0 ? Severity::kInfo : Severity::kWarning,
            absl::StrCat("stopped; calls cut: ", cut));
  writer.Flush();
  return cut == 0 ? EXIT_SUCCESS : kCallsCut;
}

int Run() {
  const std::string path = absl::GetFlag(FLAGS_config);
  if (path.empty()) {
    return Fail("no configuration: say --config=FILE (deploy/local/server.txtpb is a sample)");
  }
  const absl::StatusOr<int64_t> open_files = RaiseOpenFileLimit();
  if (!open_files.ok()) return Fail(open_files.status().message());
  LoadedConfiguration loaded = LoadConfiguration(path, *open_files);
  for (const std::string& problem : loaded.problems) std::cerr << problem << std::endl;
  if (!loaded.configuration.has_value()) {
    return Fail(absl::StrCat(path, " has ", loaded.problems.size(), " problem",
                             loaded.problems.size() == 1 ? "" : "s"));
  }
  if (absl::GetFlag(FLAGS_check_config)) {
    for (const std::string& notice : loaded.notices) std::cerr << notice << std::endl;
    std::cout << path << " is good" << std::endl;
    return EXIT_SUCCESS;
  }
  return Serve(std::move(loaded));
}

}  // namespace
}  // namespace uid2

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(uid2::kUsage);
  absl::FlagsUsageConfig usage;
  usage.version_string = [] { return absl::StrCat("identity_server ", uid2::kVersion, "\n"); };
  absl::SetFlagsUsageConfig(usage);
  if (absl::ParseCommandLine(argc, argv).size() > 1) {
    return uid2::Fail("takes flags only; see --help");
  }
  const absl::Status prepared = uid2::PrepareProcess();
  if (!prepared.ok()) return uid2::Fail(prepared.message());
  return uid2::Run();
}
