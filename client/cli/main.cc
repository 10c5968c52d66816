// SPDX-License-Identifier: Apache-2.0

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "archive_packages.h"
#include "client/cli/bare_dii.h"
#include "client/cli/bash_completion.h"
#include "client/cli/batch_command.h"
#include "client/cli/call_commands.h"
#include "client/cli/call_environment.h"
#include "client/cli/call_input.h"
#include "client/cli/command.h"
#include "client/cli/command_line.h"
#include "client/cli/console.h"
#include "client/cli/exit_code.h"
#include "client/cli/fish_completion.h"
#include "client/cli/flags.h"
#include "client/cli/header.h"
#include "client/cli/help.h"
#include "client/cli/key_file.h"
#include "client/cli/offline_commands.h"
#include "client/cli/settings.h"
#include "client/cli/standard_streams.h"
#include "client/cli/trace_parent.h"
#include "client/cli/zsh_completion.h"
#include "client/cpp/call_options.h"
#include "client/cpp/identity_client.h"
#include "client/doctor/doctor.h"
#include "client/doctor/finding.h"
#include "client/doctor/finding_report.h"
#include "server/app/build_info.h"
#include "server/app/process.h"
#include "server/call/system_clock.h"

namespace uid2::cli {
namespace {

// gRPC only repeats what the call's status says, and protobuf what the checks of the input say.
void SilenceLibraries() {
  gpr_set_log_function([](gpr_log_func_args*) {});
  google::protobuf::SetLogHandler(nullptr);
}

client::ChannelOptions ChannelFlags() {
  client::ChannelOptions options;
  options.address = absl::GetFlag(FLAGS_address);
  options.tls = absl::GetFlag(FLAGS_tls);
  options.ca_file = absl::GetFlag(FLAGS_ca);
  options.certificate_file = absl::GetFlag(FLAGS_cert);
  options.key_file = absl::GetFlag(FLAGS_key);
  options.server_name = absl::GetFlag(FLAGS_server_name);
  return options;
}

// Unless the caller has set one.
void AddTraceParent(Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (name == kTraceParent) return;
  }
  headers.emplace_back(kTraceParent, NewTraceParent());
}

ExitCode Generate(const CommandLine& line, const CallEnvironment& environment) {
  const auto request = UserRequest(line, environment.clock);
  if (!request.ok()) return environment.console.FailInput(request.status());
  if (absl::Status status = CheckBareDii(*request); !status.ok()) {
    return environment.console.FailInput(status);
  }
  return RunGenerate(*request, environment);
}

ExitCode Refresh(const CommandLine& line, const CallEnvironment& environment) {
  const auto request = RefreshRequest(line, environment.clock);
  if (!request.ok()) return environment.console.FailInput(request.status());
  return RunRefresh(*request, environment);
}

ExitCode Call(const CommandLine& line, const Clock& clock, const Console& console) {
  if (absl::Status status = CheckUserFlags(line); !status.ok()) {
    return console.FailSetup(status);
  }
  absl::StatusOr<Headers> headers = ParseHeaders(line.headers, absl::GetFlag(FLAGS_timeout), clock);
  if (!headers.ok()) return console.FailSetup(headers.status());
  const client::ChannelOptions channel = ChannelFlags();
  const absl::StatusOr<std::unique_ptr<client::IdentityClient>> client =
      client::IdentityClient::New(channel);
  if (!client.ok()) return console.FailSetup(client.status());
  if (const std::string notice = KeyFileNotice(channel.key_file); !notice.empty()) {
    console.err << "identityctl: " << notice << "\n";
  }
  client::CallReport report;
  client::CallOptions options = absl::GetFlag(FLAGS_timeout);
  options.metadata = *std::move(headers);
  options.report = &report;
  const bool verbose = absl::GetFlag(FLAGS_verbose);
  if (verbose) AddTraceParent(options.metadata);
  const CallEnvironment environment = {**client, clock, channel, options, verbose, console};
  if (line.command->name == "generate") return Generate(line, environment);
  if (line.command->name == "refresh") return Refresh(line, environment);
  if (line.command->name == "batch") return RunBatch(line, environment);
  return RunHealth(absl::GetFlag(FLAGS_wait), environment);
}

int Doctor(const Console& console) {
  const std::string path = absl::GetFlag(FLAGS_config);
  if (path.empty()) {
    return console.WrongUsage("name the configuration file: doctor --config=FILE");
  }
  const client::ChannelOptions caller = ChannelFlags();
  if (caller.certificate_file.empty() && !caller.key_file.empty()) {
    return console.WrongUsage("--key is the key of a certificate: add --cert=FILE");
  }
  const bool json = console.form == OutputForm::kJson;
  const bool color = HasColors(STDOUT_FILENO);
  // Like the server: remove variables that would change its calls or leak credentials.
  CleanEnvironment();
  const absl::Status prepared = ForbidCoreDumps();
  if (!prepared.ok()) console.err << "identityctl: " << prepared.message() << "\n";
  const SystemClock clock;
  std::vector<doctor::Finding> findings;
  doctor::Examine({path, absl::GetFlag(FLAGS_participant), caller}, clock,
                  [&](const doctor::Finding& finding) {
                    findings.push_back(finding);
                    if (!json) console.out << ToLine(finding, color) << std::flush;
                  });
  console.out << (json ? absl::StrCat(ToJson(findings), "\n") : Summary(findings));
  return ExitStatusOf(findings);
}

ExitCode Complete(const CommandLine& line, const Console& console) {
  if (line.word == "bash") {
    console.out << BashCompletion();
  } else if (line.word == "zsh") {
    console.out << ZshCompletion();
  } else if (line.word == "fish") {
    console.out << FishCompletion();
  } else {
    return console.WrongUsage("name the shell: identityctl completion bash, zsh or fish");
  }
  return kExitOk;
}

int Run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    std::cerr << ShortUsage();
    return kExitUsage;
  }
  Console console = {std::cout, std::cerr,
                     AsksForJson(arguments) ? OutputForm::kJson : OutputForm::kText};
  const absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (!line.ok()) return console.WrongUsage(line.status().message());
  if (line->wish == CommandLine::Wish::kVersion) {
    console.out << BuildInfo("identityctl", kArchivePackages) << "\n";
    return kExitOk;
  }
  if (line->wish == CommandLine::Wish::kHelp) {
    console.out << (line->command == nullptr ? ShortUsage() : HelpOf(*line->command));
    return kExitOk;
  }
  if (absl::GetFlag(FLAGS_json_only)) console.form = OutputForm::kIdentityOnly;
  if (line->command->name == "completion") return Complete(*line, console);
  if (line->command->name == "doctor") return Doctor(console);
  const SystemClock clock;
  if (line->command->name == "inspect") return RunInspect(*line, clock, console);
  if (line->command->name == "normalize") return RunNormalize(*line, clock, console);
  if (absl::Status status = ApplySettings(*line, clock); !status.ok()) {
    return console.FailSetup(status);
  }
  return Call(*line, clock, console);
}

}  // namespace
}  // namespace uid2::cli

int main(int argc, char** argv) {
  const absl::Status prepared = uid2::KeepOpenSslUntilExit();
  if (!prepared.ok()) {
    std::cerr << "identityctl: " << prepared.message() << "\n";
    return uid2::cli::kExitInternal;
  }
  uid2::cli::SilenceLibraries();
  const int code = uid2::cli::Run(std::vector<std::string>(argv + 1, argv + argc));
  std::cout.flush();
  return std::cout.good() ? code : uid2::cli::kExitCannotWrite;
}
