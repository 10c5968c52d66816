// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_STORED_IDENTITY_H_
#define SERVER_IDENTITY_STORED_IDENTITY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/identity/identity.h"

namespace uid2 {

// What a browser or a session keeps of a user.
struct StoredIdentity {
  // Not set if what is stored says that the user has opted out.
  absl::optional<Identity> identity;
};

// Reads each form in which the SDK for JavaScript and Prebid.js store an identity, plain or encoded
// for a cookie by encodeURIComponent(), with or without white space around it:
//  - an identity, as ParseIdentity() accepts it;
//  - the SDK's record of an opt-out, an object whose `status` is "optout", whatever else it holds;
//  - Prebid.js's own store, an object in which `latestToken` is an identity or "optout". If a
//    refresh token had expired there is no `latestToken`, and `originalToken` is the identity.
//
// Fails with kInvalidArgument; the message contains names of fields, but never their values.
absl::StatusOr<StoredIdentity> ParseStoredIdentity(absl::string_view text);

}  // namespace uid2

#endif  // SERVER_IDENTITY_STORED_IDENTITY_H_
