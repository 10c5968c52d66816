// SPDX-License-Identifier: Apache-2.0

#include <grpc/support/log.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/cli/call_commands.h"
#include "client/cli/command.h"
#include "client/cli/command_line.h"
#include "client/cli/completion.h"
#include "client/cli/dii_input.h"
#include "client/cli/exit_code.h"
#include "client/cpp/identity_client.h"
#include "client/doctor/doctor.h"
#include "client/doctor/finding.h"
#include "client/doctor/finding_report.h"
#include "server/app/process.h"
#include "server/app/version.h"
#include "server/call/system_clock.h"

ABSL_FLAG(std::string, address, "127.0.0.1:50051",
          "the service: HOST:PORT or any gRPC target; without TLS unless a flag below turns it on");
ABSL_FLAG(absl::Duration, timeout, uid2::client::IdentityClient::kDefaultTimeout,
          "time limit for the call, such as 500ms or 2s");
ABSL_FLAG(bool, tls, false, "use TLS with the system's certificate authorities");
ABSL_FLAG(std::string, ca, "",
          "TLS: PEM file with the authorities that sign the server's certificate");
ABSL_FLAG(std::string, cert, "", "mTLS: PEM file with this client's certificate");
ABSL_FLAG(std::string, key, "", "mTLS: PEM file with its private key");
ABSL_FLAG(std::string, server_name, "",
          "TLS: the name in the server's certificate, if it differs from the address");
ABSL_FLAG(std::string, participant, "",
          "a participant of the server's configuration, if it has more than one");
ABSL_FLAG(std::string, output, "text", "text or json; json shows full tokens");
ABSL_FLAG(bool, json_only, false,
          "print only the identity's JSON, in full; print nothing if there is no identity");
ABSL_FLAG(std::string, email, "",
          "the user's email. Flags stay in the shell's history and are visible in the process\n"
          "list: for real users prefer stdin. The same applies to the next three flags");
ABSL_FLAG(std::string, phone, "", "the user's phone in E.164, such as +12345678901");
ABSL_FLAG(std::string, email_hash, "", "SHA-256 of the normalized email, base64 or hexadecimal");
ABSL_FLAG(std::string, phone_hash, "", "SHA-256 of the phone, base64 or hexadecimal");
ABSL_FLAG(std::string, kind, "", "what stdin contains: email, phone, email_hash or phone_hash");
ABSL_FLAG(std::string, consent, "", "EUID: the user's TCF v2 consent string");
ABSL_FLAG(bool, force, false, "call the operator even if the identity is not yet due");
ABSL_FLAG(std::string, config, "", "the server's configuration file");

namespace uid2::cli {
namespace {

ExitCode UsageError(absl::string_view problem) {
  std::cerr << "identityctl: " << problem << "\n";
  return kExitUsage;
}

// gRPC only repeats what the call's status says.
void SilenceGrpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});
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

// Takes the user from one of four flags, or else from stdin.
absl::Status FillUser(client::IdentityClient::GenerateRequest& request) {
  request.set_email(absl::GetFlag(FLAGS_email));
  request.set_phone(absl::GetFlag(FLAGS_phone));
  request.set_email_hash(absl::GetFlag(FLAGS_email_hash));
  request.set_phone_hash(absl::GetFlag(FLAGS_phone_hash));
  // If there is more than one, the service rejects the request with its own message.
  if (!request.email().empty() || !request.phone().empty() || !request.email_hash().empty() ||
      !request.phone_hash().empty()) {
    return absl::OkStatus();
  }
  if (isatty(STDIN_FILENO) != 0) std::cerr << "email or phone, then Ctrl-D: " << std::flush;
  return ReadDii(std::cin, absl::GetFlag(FLAGS_kind), request);
}

ExitCode Generate(CallEnvironment& environment) {
  client::IdentityClient::GenerateRequest request;
  const absl::Status status = FillUser(request);
  if (!status.ok()) {
    std::cerr << "identityctl: " << status.message() << "\n";
    return kExitBadInput;
  }
  request.set_tcf_consent_string(absl::GetFlag(FLAGS_consent));
  request.set_participant(absl::GetFlag(FLAGS_participant));
  return RunGenerate(request, environment);
}

ExitCode Refresh(CallEnvironment& environment) {
  client::IdentityClient::RefreshRequest request;
  if (isatty(STDIN_FILENO) != 0) std::cerr << "identity's JSON, then Ctrl-D: " << std::flush;
  const absl::Status status = ReadIdentity(std::cin, request);
  if (!status.ok()) {
    std::cerr << "identityctl: " << status.message() << "\n";
    return kExitBadInput;
  }
  request.set_participant(absl::GetFlag(FLAGS_participant));
  request.set_force(absl::GetFlag(FLAGS_force));
  return RunRefresh(request, environment);
}

ExitCode Call(const Command& command) {
  const absl::Duration timeout = absl::GetFlag(FLAGS_timeout);
  if (timeout <= absl::ZeroDuration()) return UsageError("--timeout must be more than zero");
  SilenceGrpc();
  const absl::StatusOr<std::unique_ptr<client::IdentityClient>> client =
      client::IdentityClient::New(ChannelFlags());
  if (!client.ok()) {
    std::cerr << "identityctl: " << client.status().message() << "\n";
    return kExitNoInput;
  }
  const SystemClock clock;
  const OutputForm form = absl::GetFlag(FLAGS_json_only)          ? OutputForm::kIdentityOnly
                          : absl::GetFlag(FLAGS_output) == "json" ? OutputForm::kJson
                                                                  : OutputForm::kText;
  CallEnvironment environment = {**client,  clock,    absl::GetFlag(FLAGS_address), timeout, form,
                                 std::cout, std::cerr};
  if (command.name == "generate") return Generate(environment);
  if (command.name == "refresh") return Refresh(environment);
  return RunHealth(environment);
}

int Doctor(bool json) {
  const std::string path = absl::GetFlag(FLAGS_config);
  if (path.empty()) return UsageError("name the configuration file: doctor --config=FILE");
  // https://no-color.org: set and not empty.
  const char* const no_color = std::getenv("NO_COLOR");
  const bool color = isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
  // Like the server: remove variables that would change its calls or leak credentials.
  CleanEnvironment();
  const absl::Status prepared = ForbidCoreDumps();
  if (!prepared.ok()) std::cerr << "identityctl: " << prepared.message() << "\n";
  const SystemClock clock;
  std::vector<doctor::Finding> findings;
  doctor::Examine(path, absl::GetFlag(FLAGS_participant), clock,
                  [&](const doctor::Finding& finding) {
                    findings.push_back(finding);
                    if (!json) std::cout << ToLine(finding, color) << std::flush;
                  });
  std::cout << (json ? absl::StrCat(ToJson(findings), "\n") : Summary(findings));
  return ExitStatusOf(findings);
}

ExitCode Complete(const std::vector<std::string>& words) {
  if (words != std::vector<std::string>{"bash"}) {
    return UsageError("the shell is required: identityctl completion bash");
  }
  std::cout << BashCompletion();
  return kExitOk;
}

int Run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    std::cerr << ShortUsage();
    return kExitUsage;
  }
  const absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (!line.ok()) return UsageError(line.status().message());
  if (line->wish == CommandLine::Wish::kVersion) {
    std::cout << "identityctl " << kVersion << "\n";
    return kExitOk;
  }
  if (line->wish == CommandLine::Wish::kHelp) {
    std::cout << (line->command == nullptr ? ShortUsage() : HelpOf(*line->command));
    return kExitOk;
  }
  const std::string output = absl::GetFlag(FLAGS_output);
  if (output != "text" && output != "json") return UsageError("--output is text or json");
  if (line->command->name == "completion") return Complete(line->words);
  if (line->command->name == "doctor") return Doctor(output == "json");
  return Call(*line->command);
}

}  // namespace
}  // namespace uid2::cli

int main(int argc, char** argv) {
  const int code = uid2::cli::Run(std::vector<std::string>(argv + 1, argv + argc));
  std::cout.flush();
  return std::cout.good() ? code : uid2::cli::kExitCannotWrite;
}
