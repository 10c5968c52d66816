// SPDX-License-Identifier: Apache-2.0

#include "client/cli/call_input.h"

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/dii_input.h"
#include "client/cli/flags.h"
#include "client/cli/identity_input.h"
#include "client/cli/input.h"
#include "server/status/reason.h"

namespace uid2::cli {
namespace {

using identity::v1::GenerateIdentityRequest;
using identity::v1::RefreshIdentityRequest;

std::vector<std::string> SetUserFlags(const CommandLine& line) {
  std::vector<std::string> set;
  for (const char* name : {"email", "phone", "email_hash", "phone_hash"}) {
    if (line.flags.count(name) > 0) set.push_back(absl::StrCat("--", name));
  }
  return set;
}

absl::Status FillFromFlags(const std::vector<std::string>& set, GenerateIdentityRequest& request) {
  if (set.size() > 1) {
    return MakeError(identity::v1::DII_AMBIGUOUS,
                     absl::StrCat(absl::StrJoin(set, " and "),
                                  " are set and may identify different users; set exactly one"));
  }
  request.set_email(absl::GetFlag(FLAGS_email));
  request.set_phone(absl::GetFlag(FLAGS_phone));
  request.set_email_hash(absl::GetFlag(FLAGS_email_hash));
  request.set_phone_hash(absl::GetFlag(FLAGS_phone_hash));
  if (request.email().empty() && request.phone().empty() && request.email_hash().empty() &&
      request.phone_hash().empty()) {
    return MakeError(identity::v1::DII_MISSING,
                     absl::StrCat(set.front(), " is empty, so no user is identified"));
  }
  return absl::OkStatus();
}

absl::Status FillFromStdin(const Clock& clock, GenerateIdentityRequest& request) {
  const absl::StatusOr<std::string> text =
      ReadInput("", "email or phone", absl::GetFlag(FLAGS_timeout), clock);
  if (!text.ok()) return text.status();
  const absl::StatusOr<std::string> line = OnlyLine(*text);
  if (!line.ok()) return line.status();
  return SetDii(*line, absl::GetFlag(FLAGS_kind), request);
}

}  // namespace

absl::Status CheckUserFlags(const CommandLine& line) {
  const std::vector<std::string> set = SetUserFlags(line);
  if (line.flags.count("kind") > 0 && !set.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--kind describes stdin, which is not read with ", set.front()));
  }
  if (line.flags.count("consent") > 0 && absl::GetFlag(FLAGS_consent).empty()) {
    return MakeError(identity::v1::CONSENT_STRING_INVALID,
                     "--consent is empty; leave it out if there is no consent string",
                     "tcf_consent_string");
  }
  return absl::OkStatus();
}

absl::StatusOr<GenerateIdentityRequest> UserRequest(const CommandLine& line, const Clock& clock) {
  GenerateIdentityRequest request;
  request.set_participant(absl::GetFlag(FLAGS_participant));
  request.set_tcf_consent_string(absl::GetFlag(FLAGS_consent));
  const std::vector<std::string> set = SetUserFlags(line);
  const absl::Status status =
      set.empty() ? FillFromStdin(clock, request) : FillFromFlags(set, request);
  if (!status.ok()) return status;
  return request;
}

absl::StatusOr<RefreshIdentityRequest> RefreshRequest(const CommandLine& line, const Clock& clock) {
  const absl::StatusOr<std::string> text =
      ReadInput(line.word, "identity's JSON", absl::GetFlag(FLAGS_timeout), clock);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::string> json = IdentityIn(*text);
  if (!json.ok()) return json.status();
  RefreshIdentityRequest request;
  request.set_identity_json(*std::move(json));
  request.set_participant(absl::GetFlag(FLAGS_participant));
  request.set_force(absl::GetFlag(FLAGS_force));
  return request;
}

}  // namespace uid2::cli
