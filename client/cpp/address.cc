// SPDX-License-Identifier: Apache-2.0

#include "client/cpp/address.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace uid2::client {
namespace {

constexpr int kMaxPort = 65535;

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the address ", what));
}

absl::Status CheckPort(absl::string_view port) {
  int number = 0;
  const bool digits = !port.empty() && std::all_of(port.begin(), port.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  if (port.empty()) return Invalid("has an empty port: write HOST:PORT");
  if (!digits || !absl::SimpleAtoi(port, &number) || number < 1 || number > kMaxPort) {
    return Invalid("has an invalid port: it is a number from 1 to 65535");
  }
  return absl::OkStatus();
}

bool IsHostCharacter(char c) {
  return !absl::ascii_isspace(static_cast<unsigned char>(c)) &&
         !absl::StrContains("/@?#,\\\"'<>[]", c);
}

// `port_required`: whether there must be a port.
absl::Status CheckHostAndPort(absl::string_view text, bool port_required) {
  absl::string_view host = text;
  absl::string_view after;
  if (absl::ConsumePrefix(&host, "[")) {
    const size_t end = host.find(']');
    if (end == absl::string_view::npos) return Invalid("has a \"[\" without a \"]\"");
    after = host.substr(end + 1);
    host = host.substr(0, end);
    if (!after.empty() && after[0] != ':') return Invalid("must have a colon after the \"]\"");
  } else {
    const size_t colon = host.find(':');
    if (colon != absl::string_view::npos) {
      after = host.substr(colon);
      host = host.substr(0, colon);
    }
    if (absl::StrContains(absl::StripPrefix(after, ":"), ':')) {
      return Invalid("has more than one colon: write an IPv6 address as [ADDRESS]:PORT");
    }
  }
  if (host.empty()) return Invalid("has no host: write HOST:PORT");
  if (!std::all_of(host.begin(), host.end(), IsHostCharacter)) {
    return Invalid("has a character that no host has: write HOST:PORT, with nothing around it");
  }
  if (after.empty()) {
    return port_required ? Invalid("has no port: write HOST:PORT") : absl::OkStatus();
  }
  return CheckPort(after.substr(1));
}

// A list of addresses, each with a port.
absl::Status CheckList(absl::string_view list) {
  for (const absl::string_view entry : absl::StrSplit(list, ',')) {
    if (absl::Status status = CheckHostAndPort(entry, true); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// After "dns:" or "xds:": [//AUTHORITY/]HOST[:PORT].
absl::Status CheckName(absl::string_view name) {
  if (absl::ConsumePrefix(&name, "//")) {
    const size_t slash = name.find('/');
    if (slash == absl::string_view::npos) {
      return Invalid("needs three slashes: write dns:///HOST:PORT");
    }
    name = name.substr(slash + 1);
  }
  return CheckHostAndPort(name, false);
}

absl::Status CheckPath(absl::string_view path) {
  if (absl::StripPrefix(path, "//").empty()) return Invalid("has no path of a socket");
  return absl::OkStatus();
}

absl::Status CheckScheme(absl::string_view scheme, absl::string_view rest) {
  if (scheme == "dns" || scheme == "xds") return CheckName(rest);
  if (scheme == "ipv4" || scheme == "ipv6") return CheckList(absl::StripPrefix(rest, "///"));
  if (scheme == "unix" || scheme == "unix-abstract") return CheckPath(rest);
  if (scheme == "https") {
    return Invalid("is a URL: write HOST:PORT without \"https://\", and turn TLS on");
  }
  return Invalid(scheme == "http"
                     ? "is a URL: write HOST:PORT without \"http://\""
                     : "has an unknown scheme: write HOST:PORT, or a dns:, ipv4:, ipv6: or unix: "
                       "target");
}

bool HasScheme(absl::string_view scheme, absl::string_view rest) {
  for (const absl::string_view known : {"dns", "xds", "ipv4", "ipv6", "unix", "unix-abstract"}) {
    if (scheme == known) return true;
  }
  return absl::StartsWith(rest, "/");
}

}  // namespace

absl::StatusOr<std::string> TargetOf(absl::string_view address) {
  if (address.empty()) return Invalid("is empty: write HOST:PORT");
  const size_t colon = address.find(':');
  if (colon != absl::string_view::npos) {
    const std::string scheme = absl::AsciiStrToLower(address.substr(0, colon));
    const absl::string_view rest = address.substr(colon + 1);
    if (HasScheme(scheme, rest)) {
      if (absl::Status status = CheckScheme(scheme, rest); !status.ok()) return status;
      return absl::StrCat(scheme, ":", rest);
    }
  }
  if (absl::Status status = CheckHostAndPort(address, true); !status.ok()) return status;
  return absl::StrCat("dns:///", address);
}

}  // namespace uid2::client
