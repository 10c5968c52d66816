// SPDX-License-Identifier: Apache-2.0

#include "client/cli/command.h"

namespace uid2::cli {
namespace {

std::vector<absl::string_view> WithConnectionFlags(std::vector<absl::string_view> flags) {
  for (const absl::string_view flag : {"address", "timeout", "tls", "ca", "cert", "key",
                                       "server_name", "profile", "header", "verbose"}) {
    flags.push_back(flag);
  }
  return flags;
}

std::vector<Command> MakeCommands() {
  return {
      {"generate",
       "get an identity for a user",
       R"(Reads one email or phone from stdin, or takes it from a flag, which may not be empty. A line that
contains "@" is an email; a line that starts with "+" is a phone in E.164 format. For a hash, add
--kind=email_hash or --kind=phone_hash. Anything around the email, such as quotes or JSON, is an
error. Prints the outcome with shortened tokens; --output=json and --json_only print them in full.)",
       R"(  echo user@example.com | identityctl generate
  identityctl generate --email=validate@example.com --output=json
  identityctl generate --json_only <user.txt >identity.json
  identityctl generate --address=identity.web:443 --ca=ca.pem --cert=web.pem --key=web.key <user.txt
)",
       WithConnectionFlags({"email", "phone", "email_hash", "phone_hash", "kind", "consent",
                            "participant", "output", "json_only"}),
       "",
       {}},
      {"refresh",
       "bring an identity up to date",
       R"(Reads the identity's JSON from FILE or stdin, as printed by `generate` with --json_only or
--output=json, or as stored by the SDK for JavaScript or a session. Prints the outcome; the identity
in it replaces the one that was read.)",
       R"(  identityctl refresh --json_only identity.json >newer.json
  identityctl refresh --force identity.json
  identityctl generate --json_only <user.txt | identityctl refresh --json_only
)",
       WithConnectionFlags({"force", "participant", "output", "json_only"}),
       "FILE",
       {}},
      {"batch",
       "get identities for many users",
       R"(Reads users from FILE or stdin, one per line, as `generate` does. Writes one line of JSON for each,
in the order of the input, with the number of the user's line: {"line":1,"outcome":"ISSUED",
"identity":{...}}, or {"line":2,"error":{...}}. Blank lines are skipped. Prints the progress, if
stderr is a terminal, and a summary.

A call that fails for the moment is repeated up to twice. After 20 failures in a row that no user
caused, the batch ends. To continue, use --out=FILE, and then add --resume: only users without an
outcome are done again. Between the two, lines may only be added at the end of the input.

Exit codes: 0 each user has an outcome, such as ISSUED or OPTED_OUT; otherwise the highest code
below of all failures.)",
       R"(  identityctl batch users.txt >results.jsonl
  identityctl batch users.txt --out=results.jsonl --concurrency=32
  identityctl batch users.txt --out=results.jsonl --resume
  jq -c 'select(.outcome == "ISSUED") | .identity' results.jsonl
)",
       WithConnectionFlags({"out", "resume", "concurrency", "kind", "consent", "participant"}),
       "FILE",
       {}},
      {"health",
       "check whether the service accepts calls",
       R"(Prints SERVING, and the server's version if it tells it, or the reason why the service does not
accept calls. With --wait, waits until it does.)",
       R"(  identityctl health
  identityctl health --address=identity.web:443 --ca=ca.pem --cert=web.pem --key=web.key --timeout=1s
  identityctl health --wait --timeout=60s
)",
       WithConnectionFlags({"wait", "output"}),
       "",
       {}},
      {"inspect",
       "show what an identity says, without the service",
       R"(Reads an identity like `refresh`. Prints its scope, what it was made of, and whether it can be used,
is due for a refresh, or has expired, by this machine's clock. Nothing is sent.

Exit codes: 0 usable, or refreshable; 5 the user must log in again; 65 and 66 as below.)",
       R"(  identityctl inspect identity.json
  identityctl generate --json_only <user.txt | identityctl inspect --output=json
)",
       {"output", "timeout"},
       "FILE",
       {}},
      {"normalize",
       "show what the service would hash for a user",
       R"(Reads a user like `generate`. Prints the normalized email or phone and its hash, as the service
sends it to the operator, or why the service would refuse. Nothing is sent. The output contains the
email or phone.)",
       R"(  echo Jane.Doe+news@gmail.com | identityctl normalize
  identityctl normalize --dii_policy=OPERATOR --output=json <user.txt
)",
       {"email", "phone", "email_hash", "phone_hash", "kind", "dii_policy", "output", "timeout"},
       "",
       {}},
      {"doctor",
       "find out what is wrong between this server and its operator",
       R"(Run it on the server's machine as the server's user; the server need not be running. It checks
the configuration, the server's certificate, certificate authorities, credential files, API key,
DNS, TCP, TLS, HTTP and clock, and then makes real calls with the operator's test users. It prints
one line per check: ok, warning, error or skipped, and how to fix a problem. Fix problems in the
order in which they are printed. No real user's data is sent.

With --cert, it also checks whether a caller with this certificate may call; with --ca, it connects
to the server at --address as that caller would.

Exit codes: 0 all is well, 1 warnings, 2 errors, 64 wrong command line.)",
       R"(  identityctl doctor --config=/etc/identity/server.txtpb
  identityctl doctor --config=server.txtpb --participant=brand --output=json
  identityctl doctor --config=server.txtpb --ca=ca.pem --cert=web.pem --key=web.key
)",
       {"config", "participant", "output", "address", "tls", "ca", "cert", "key", "server_name"},
       "",
       {}},
      {"completion",
       "print a shell completion script for identityctl",
       "Prints the script to stdout.",
       R"(  source <(identityctl completion bash)
  identityctl completion bash >~/.local/share/bash-completion/completions/identityctl
  source <(identityctl completion zsh)
  identityctl completion fish >~/.config/fish/completions/identityctl.fish
)",
       {},
       "SHELL",
       {"bash", "zsh", "fish"}},
  };
}

}  // namespace

const std::vector<Command>& Commands() {
  static const std::vector<Command>& commands = *new std::vector<Command>(MakeCommands());
  return commands;
}

const Command* FindCommand(absl::string_view name) {
  for (const Command& command : Commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

const std::vector<FlagValues>& CompletableFlags() {
  static const std::vector<FlagValues>& flags = *new std::vector<FlagValues>{
      {"ca", "file"},
      {"cert", "file"},
      {"key", "file"},
      {"config", "file"},
      {"out", "file"},
      {"output", "text json"},
      {"kind", "email phone email_hash phone_hash"},
      {"dii_policy", "STRICT OPERATOR"},
  };
  return flags;
}

}  // namespace uid2::cli
