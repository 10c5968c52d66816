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
          "the service: HOST:PORT, or any gRPC target; without TLS unless a flag below says so");
ABSL_FLAG(absl::Duration, timeout, uid2::IdentityClient::kDefaultTimeout,
          "how long the call may take, such as 500ms or 2s");
ABSL_FLAG(bool, tls, false, "TLS, with the system's certificate authorities");
ABSL_FLAG(std::string, ca, "",
          "TLS: PEM file of the authorities that sign the server's certificate");
ABSL_FLAG(std::string, cert, "", "mTLS: PEM file of this client's certificate");
ABSL_FLAG(std::string, key, "", "mTLS: PEM file of its private key");
ABSL_FLAG(std::string, server_name, "",
          "TLS: the name in the server's certificate, where it is not the address's");
ABSL_FLAG(std::string, participant, "",
          "a participant of the server's configuration, where it has more than one");
ABSL_FLAG(std::string, output, "text", "text or json; json shows tokens whole");
ABSL_FLAG(bool, json_only, false,
          "print the identity's JSON alone, whole, and nothing where there is none");
ABSL_FLAG(
    std::string, email, "",
    "the user's email. What stands in a flag stays in the shell's history and is seen\n"
    "in the list of processes: for real users prefer stdin, and the same goes for the next three");
ABSL_FLAG(std::string, phone, "", "the user's phone in E.164, such as +12345678901");
ABSL_FLAG(std::string, email_hash, "", "SHA-256 of the normalised email, base64 or hexadecimal");
ABSL_FLAG(std::string, phone_hash, "", "SHA-256 of the phone, base64 or hexadecimal");
ABSL_FLAG(std::string, kind, "", "what stdin holds: email, phone, email_hash or phone_hash");
ABSL_FLAG(std::string, consent, "", "EUID: the user's TCF v2 consent string");
ABSL_FLAG(bool, force, false, "ask the operator even where the identity is not due yet");
ABSL_FLAG(std::string, config, "", "the server's configuration file");

namespace uid2 {
namespace {

ExitCode UsageError(absl::string_view problem) {
  std::cerr << "identityctl: " << problem << "\n";
  return kExitUsage;
}

// gRPC logs what the call's own status says too.
void SilenceGrpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});
}

ChannelOptions ChannelFlags() {
  ChannelOptions options;
  options.address = absl::GetFlag(FLAGS_address);
  options.tls = absl::GetFlag(FLAGS_tls);
  options.ca_file = absl::GetFlag(FLAGS_ca);
  options.certificate_file = absl::GetFlag(FLAGS_cert);
  options.key_file = absl::GetFlag(FLAGS_key);
  options.server_name = absl::GetFlag(FLAGS_server_name);
  return options;
}

// The user comes from one of four flags, or else from stdin.
absl::Status FillUser(IdentityClient::GenerateRequest& request) {
  request.set_email(absl::GetFlag(FLAGS_email));
  request.set_phone(absl::GetFlag(FLAGS_phone));
  request.set_email_hash(absl::GetFlag(FLAGS_email_hash));
  request.set_phone_hash(absl::GetFlag(FLAGS_phone_hash));
  // More than one is for the service to refuse, in its own words.
  if (!request.email().empty() || !request.phone().empty() || !request.email_hash().empty() ||
      !request.phone_hash().empty()) {
    return absl::OkStatus();
  }
  if (isatty(STDIN_FILENO) != 0) std::cerr << "email or phone, then Ctrl-D: " << std::flush;
  return ReadDii(std::cin, absl::GetFlag(FLAGS_kind), request);
}

ExitCode Generate(CallEnvironment& environment) {
  IdentityClient::GenerateRequest request;
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
  IdentityClient::RefreshRequest request;
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
  const absl::StatusOr<std::unique_ptr<IdentityClient>> client =
      IdentityClient::New(ChannelFlags());
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
  if (path.empty()) return UsageError("name the server's configuration: doctor --config=FILE");
  // https://no-color.org: set and not empty.
  const char* const no_color = std::getenv("NO_COLOR");
  const bool colour = isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
  // As the server does: what would change its calls, or leak credentials, is taken away.
  CleanEnvironment();
  const absl::Status prepared = ForbidCoreDumps();
  if (!prepared.ok()) std::cerr << "identityctl: " << prepared.message() << "\n";
  const SystemClock clock;
  std::vector<Finding> findings;
  Examine(path, absl::GetFlag(FLAGS_participant), clock, [&](const Finding& finding) {
    findings.push_back(finding);
    if (!json) std::cout << ToLine(finding, colour) << std::flush;
  });
  std::cout << (json ? absl::StrCat(ToJson(findings), "\n") : Summary(findings));
  return ExitStatusOf(findings);
}

ExitCode Complete(const std::vector<std::string>& words) {
  if (words != std::vector<std::string>{"bash"}) {
    return UsageError("say for which shell: identityctl completion bash");
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
}  // namespace uid2

int main(int argc, char** argv) {
  const int code = uid2::Run(std::vector<std::string>(argv + 1, argv + argc));
  std::cout.flush();
  return std::cout.good() ? code : uid2::kExitCannotWrite;
}
