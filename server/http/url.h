// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_HTTP_URL_H_
#define SERVER_HTTP_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace uid2 {

struct Url {
  std::string scheme;  // lower case
  std::string host;    // an IPv6 address without its brackets
};

// Accepts an absolute http or https URL without user, query and fragment. Fails with
// kInvalidArgument, and a message that says what is wrong.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

// Whether `host` is a loopback name or address: "localhost", 127.0.0.0/8 or ::1. Looks up no names.
bool IsLoopbackHost(absl::string_view host);

}  // namespace uid2

#endif  // SERVER_HTTP_URL_H_
