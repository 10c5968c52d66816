// SPDX-License-Identifier: Apache-2.0

#ifndef CLIENT_CLI_BARE_DII_H_
#define CLIENT_CLI_BARE_DII_H_

#include "absl/status/status.h"
#include "uid2/identity/v1/identity_service.pb.h"

namespace uid2::cli {

// Rejects what the service and the operator accept although it identifies nobody, so that the
// identity would look good and match no one:
// - an email with something around it: JSON, quotes, "Name <user@example.com>", "mailto:", a part
//   of a CSV line or of a URL, or with an invisible character in it. A few addresses that RFC 5322
//   allows are rejected too: those with a quoted local part, an address literal as domain, or one
//   of {}=' or %XX where no login has them;
// - a hash of nothing, of a line break, of "null" or of "undefined", and 32 bytes that are text:
//   base64 of an MD5 in hexadecimal looks like a SHA-256.
// Everything that the service rejects itself passes. There is no such case for a phone.
//
// Fails with the reason and the field as the service would, and never quotes the value. Also fails
// for text that is not UTF-8, which protobuf cannot send.
absl::Status CheckBareDii(const identity::v1::GenerateIdentityRequest& request);

}  // namespace uid2::cli

#endif  // CLIENT_CLI_BARE_DII_H_
