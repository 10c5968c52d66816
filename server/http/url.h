// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_URL_H_
#define SERVER_HTTP_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace uid2 {

struct Url {
  std::string scheme;  // lower case
  std::string host;    // an IPv6 address without its brackets
  int port = 0;        // of the scheme if the URL has none
  std::string path;    // begins with a slash
};

// Accepts an absolute http or https URL without user, query and fragment. Fails with
// kInvalidArgument, and a message that says what is wrong.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

// Accepts one to five digits without a leading zero, from 0 to 65535. Number parsers also accept
// signs, spaces and leading zeros, which other parsers of the same text read differently.
absl::optional<int> ParsePort(absl::string_view text);

// Whether `host` has the form of a host name in ASCII or of an IPv4 or IPv6 address (without
// brackets, with or without a zone). Looks up no names.
bool IsHost(absl::string_view host);

// Whether `host` is an IPv6 address, with or without a zone.
bool IsIpv6Address(absl::string_view host);

// Whether `host` is an IPv4 or IPv6 address.
bool IsIpAddress(absl::string_view host);

// Whether `host` is a loopback name or address: "localhost", 127.0.0.0/8 or ::1. Looks up no names.
bool IsLoopbackHost(absl::string_view host);

}  // namespace uid2

#endif  // SERVER_HTTP_URL_H_
