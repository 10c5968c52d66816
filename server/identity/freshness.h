// SPDX-License-Identifier: Apache-2.0

#ifndef SERVER_IDENTITY_FRESHNESS_H_
#define SERVER_IDENTITY_FRESHNESS_H_

#include "absl/time/time.h"
#include "server/identity/identity.h"

namespace uid2 {

// Compares an identity's times with `now`, the operator's time as far as it is known. Each time in
// the identity is the first moment of the new state: at identity_expires, the advertising token has
// already expired.

bool IsAdvertisingTokenGood(const Identity& identity, absl::Time now);
bool IsRefreshDue(const Identity& identity, absl::Time now);
bool IsRefreshTokenExpired(const Identity& identity, absl::Time now);

}  // namespace uid2

#endif  // SERVER_IDENTITY_FRESHNESS_H_
