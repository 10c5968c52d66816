// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_OPERATOR_TEST_IDENTITIES_H_
#define SERVER_OPERATOR_TEST_IDENTITIES_H_

#include "absl/strings/string_view.h"

// The operator's own test users. Every UID2 and EUID operator recognizes them by the hash of the
// email, and treats them the same whatever is known about real users. The hashes are base64.
namespace uid2 {

// Gets an identity, which can be refreshed.
constexpr absl::string_view kIssuedTestEmail = "validate@example.com";
constexpr absl::string_view kIssuedTestHash = "ntI244ZRTXwAwpki6/M5cyBYW7h/Wq576lnN3l9+W/c=";

// optout@example.com: has opted out.
constexpr absl::string_view kOptedOutTestHash = "DYsnJ8r5+cjRDHue98gIGDKvLIMuqAm/RRLODrjqK50=";

// refresh-optout@example.com: gets an identity, and has opted out when that is refreshed.
constexpr absl::string_view kOptedOutAtRefreshTestHash =
    "NaNI8RU0bL1Jpp1jJLC5aJO/lchc6gGhgXQIAwJ7cV4=";

}  // namespace uid2

#endif  // SERVER_OPERATOR_TEST_IDENTITIES_H_
