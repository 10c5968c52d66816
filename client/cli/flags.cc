// SPDX-License-Identifier: Apache-2.0

#include "client/cli/flags.h"

#include <cstdint>

#include "absl/flags/flag.h"
#include "client/cpp/identity_client.h"

ABSL_FLAG(std::string, address, "127.0.0.1:50051",
          "the service: HOST:PORT or any gRPC target; without TLS unless a flag below turns it on");
ABSL_FLAG(absl::Duration, timeout, uid2::client::IdentityClient::kDefaultTimeout,
          "time limit for the call, and before it for reading stdin, such as 500ms or 2s");
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
ABSL_FLAG(std::string, profile, "default",
          "the section of ~/.config/identityctl/profiles to take connection flags from");
ABSL_FLAG(std::string, header, "",
          "-H: metadata to send, as \"NAME: VALUE\", or @FILE with one such line for each; may be\n"
          "repeated");
ABSL_FLAG(bool, verbose, false,
          "-v: also print the call's address, attempts, time and request id, to stderr");
ABSL_FLAG(bool, wait, false, "wait until the service accepts calls, for at most --timeout");
ABSL_FLAG(std::string, dii_policy, "STRICT",
          "the participant's dii_policy in the server's configuration: STRICT or OPERATOR");
ABSL_FLAG(int32_t, concurrency, 8, "how many calls may be in flight, from 1 to 256");
ABSL_FLAG(std::string, out, "",
          "the file for the results, readable for its owner only, instead of stdout");
ABSL_FLAG(bool, resume, false,
          "continue --out: keep its results that have an outcome, and do the rest");
