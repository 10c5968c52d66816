// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CPP_ADDRESS_H_
#define CLIENT_CPP_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2::client {

// Returns the gRPC target for `address`, which is HOST:PORT, [IPV6]:PORT or a target of one of the
// schemes dns, ipv4, ipv6, unix, unix-abstract and xds. HOST:PORT becomes dns:///HOST:PORT.
//
// gRPC itself accepts almost anything: it looks up "http://host" as a name, uses port 443 if there
// is none, and lets ports above 65535 wrap around. Here, kInvalidArgument says what is wrong. A
// port may be missing only after dns: and xds:, where 443 is gRPC's documented default.
absl::StatusOr<std::string> TargetOf(absl::string_view address);

}  // namespace uid2::client

#endif  // CLIENT_CPP_ADDRESS_H_
