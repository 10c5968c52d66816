// SPDX-License-Identifier: Apache-2.0

#include "client/doctor/service_address.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cpp/address.h"

namespace uid2::doctor {
namespace {

// gRPC's, for a name without a port.
constexpr char kDefaultPort[] = "443";

}  // namespace

absl::StatusOr<OperatorAddress> FirstAddress(absl::string_view address) {
  const absl::StatusOr<std::string> target = client::TargetOf(address);
  if (!target.ok()) return target.status();
  absl::string_view rest = *target;
  if (absl::ConsumePrefix(&rest, "dns:")) {
    // dns://RESOLVER/NAME.
    rest = rest.substr(rest.rfind('/') + 1);
  } else if (absl::ConsumePrefix(&rest, "ipv4:") || absl::ConsumePrefix(&rest, "ipv6:")) {
    rest = absl::StripPrefix(rest, "///");
    rest = rest.substr(0, rest.find(','));
  } else {
    return absl::UnimplementedError(absl::StrCat(address, " is not a TCP address"));
  }
  OperatorAddress result;
  absl::string_view host = rest;
  result.port = kDefaultPort;
  const size_t colon = rest.rfind(':');
  if (colon != absl::string_view::npos && !absl::EndsWith(rest, "]")) {
    host = rest.substr(0, colon);
    result.port = std::string(rest.substr(colon + 1));
  }
  if (absl::ConsumePrefix(&host, "[")) host = absl::StripSuffix(host, "]");
  result.host = std::string(host);
  return result;
}

}  // namespace uid2::doctor
