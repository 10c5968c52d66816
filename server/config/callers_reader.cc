// SPDX-License-Identifier: Apache-2.0

#include "server/config/callers_reader.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/config/tls_reader.h"
#include "server/http/url.h"
#include "server/rpc/caller.h"
#include "server/service/participant_access.h"

namespace uid2 {
namespace {

using identity::config::v1::ServerConfig;
using ProtoCaller = identity::config::v1::Caller;

constexpr char kCallers[] = "callers";
constexpr char kSan[] = "san";
constexpr char kParticipants[] = "participants";
constexpr char kShareRange[] = "greater than 0 and at most 1";

// One of several callers leaves room for the others.
constexpr double kAuthenticatedShare = 0.7;

bool IsShare(double value) { return value > 0 && value <= 1; }

// Characters that a name in a certificate and in the log cannot have as they are.
bool IsUnfit(char c) {
  return !absl::ascii_isgraph(static_cast<unsigned char>(c)) || c == '"' || c == '\'' || c == '\\';
}

bool IsSchemeCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.';
}

// Returns why `san` cannot be the name of a caller; empty if it can.
std::string ProblemOfSan(absl::string_view san) {
  if (san.empty()) {
    return "is missing; set it to a DNS or URI name in the client's certificate, or to \"*\" for "
           "every client whose certificate verifies";
  }
  if (san == CallerEntry::kAny) return "";
  if (std::any_of(san.begin(), san.end(), IsUnfit)) {
    return "contains white space, a quote, a backslash or a character outside ASCII; write it as "
           "it is in the certificate, where other scripts are encoded (xn--, %)";
  }
  if (absl::StrContains(san, '*')) {
    return "patterns do not match anything; list each name, or use \"*\" alone for every client "
           "whose certificate verifies";
  }
  if (IsIpAddress(san)) {
    return "is an IP address, and only DNS and URI names identify a caller; issue the client a "
           "certificate with one of those";
  }
  const size_t colon = san.find(':');
  if (colon == absl::string_view::npos) {
    return IsHost(san) ? ""
                       : "is neither a DNS name nor a URI (which has a scheme, as in "
                         "\"spiffe://example.com/web\")";
  }
  const absl::string_view scheme = san.substr(0, colon);
  const absl::string_view rest = san.substr(colon + 1);
  if (scheme.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(scheme[0])) ||
      !std::all_of(scheme.begin(), scheme.end(), IsSchemeCharacter) || rest.empty()) {
    return "is not a URI, although it contains a colon; a URI has a scheme before it, as in "
           "\"spiffe://example.com/web\"";
  }
  if (scheme == "DNS" || scheme == "URI") {
    return absl::StrCat("is not a name but OpenSSL's notation of one; remove \"", scheme, ":\"");
  }
  if (std::all_of(rest.begin(), rest.end(), absl::ascii_isdigit)) {
    return "has a port, which names in certificates do not have; remove it";
  }
  return "";
}

// The part of a name in which upper case has no meaning: a DNS name, or a URI's scheme and host.
absl::string_view CaselessPart(absl::string_view san) {
  const size_t authority = san.find("://");
  return authority == absl::string_view::npos ? san.substr(0, san.find(':'))
                                              : san.substr(0, san.find('/', authority + 3));
}

void CheckSan(const std::string& san, std::set<std::string>& taken, bool reachable,
              ConfigChecker& check) {
  const std::string problem = ProblemOfSan(san);
  if (!problem.empty()) return check.Problem(kSan, problem);
  if (!taken.insert(san).second) {
    return check.Problem(
        kSan, absl::StrCat("\"", san, "\" is already the name of another caller; merge the two"));
  }
  if (!reachable) {
    return check.Problem(kSan,
                         "never matches, because the entry \"*\" before it matches every client; "
                         "move that entry to the end");
  }
  const absl::string_view caseless = CaselessPart(san);
  if (std::any_of(caseless.begin(), caseless.end(), absl::ascii_isupper)) {
    check.Notice(kSan,
                 "contains upper-case letters, and names are compared byte for byte; make sure "
                 "that the certificate spells it like this");
  }
}

ParticipantAccess ReadAccess(const ProtoCaller& caller, const std::set<std::string>& configured,
                             ConfigChecker& check) {
  if (caller.participants().empty()) return ParticipantAccess::ToAll();
  std::set<std::string> names;
  for (int i = 0; i < caller.participants_size(); ++i) {
    const std::string& name = caller.participants(i);
    if (!configured.contains(name)) {
      check.Problem(kParticipants,
                    absl::StrCat("no participant of this name is configured; they are: ",
                                 absl::StrJoin(configured, ", ")),
                    i);
    } else if (!names.insert(name).second) {
      check.Problem(kParticipants, "names this participant twice; remove one of the two", i);
    }
  }
  return ParticipantAccess::To({names.begin(), names.end()});
}

// Participants whose credentials nobody can use are probably a mistake.
void NoticeUnused(const ServerConfig& config, const Configuration& result, ConfigChecker& check) {
  for (int i = 0; i < config.participants_size(); ++i) {
    const std::string& name = config.participants(i).name();
    if (std::none_of(
            result.callers.begin(), result.callers.end(),
            [&name](const CallerEntry& entry) { return entry.participants.Includes(name); })) {
      check.Notice(kParticipants, absl::StrCat("no caller may use \"", name, "\"; add it to one"),
                   i);
    }
  }
}

}  // namespace

void ReadCallers(const ConfigSource& source, ConfigChecker& check, Configuration& result) {
  const ServerConfig& config = source.config();
  const bool authenticated = AuthenticatesClients(config);
  result.max_caller_share = check.Share(
      "max_caller_share", config.has_max_caller_share(), config.max_caller_share(),
      authenticated ? kAuthenticatedShare : 1, IsShare(config.max_caller_share()), kShareRange);
  if (authenticated && !config.has_max_caller_share()) {
    check.DerivedFrom("max_caller_share", "clients are authenticated");
  }
  if (authenticated && config.callers().empty()) {
    check.Problem(kCallers,
                  "are missing: tls.client_ca_file is set, so say which clients may call, or "
                  "callers { san: \"*\" } for every one whose certificate verifies");
  }
  if (!authenticated && !config.callers().empty()) {
    check.Problem(kCallers,
                  "need clients that are authenticated: set tls.client_ca_file to the authorities "
                  "that sign their certificates, or remove callers",
                  0);
  }
  std::set<std::string> configured;
  for (const auto& participant : config.participants()) configured.insert(participant.name());
  std::set<std::string> taken;
  bool reachable = true;
  for (int i = 0; i < config.callers_size(); ++i) {
    const ProtoCaller& proto = config.callers(i);
    ConfigChecker nested = check.Nested(kCallers, proto, i);
    CheckSan(proto.san(), taken, reachable, nested);
    reachable = reachable && proto.san() != CallerEntry::kAny;
    ParticipantAccess access = ReadAccess(proto, configured, nested);
    const double share =
        nested.Share("max_share", proto.has_max_share(), proto.max_share(), result.max_caller_share,
                     IsShare(proto.max_share()), kShareRange);
    if (!proto.has_max_share()) nested.DerivedFrom("max_share", "max_caller_share");
    result.callers.push_back({proto.san(), std::move(access), share});
  }
  if (!result.callers.empty()) NoticeUnused(config, result, check);
}

}  // namespace uid2
