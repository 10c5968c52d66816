#ifndef SERVER_IDENTITY_FRESHNESS_H_
#define SERVER_IDENTITY_FRESHNESS_H_

#include "absl/time/time.h"
#include "server/identity/identity.h"

namespace uid2 {

// Judgements on an identity's times. `now` is the operator's time as far as it is known. An
// instant named by the identity is the first at which the thing has happened: at identity_expires
// the advertising token has expired.

bool IsAdvertisingTokenGood(const Identity& identity, absl::Time now);
bool IsRefreshDue(const Identity& identity, absl::Time now);
bool IsRefreshTokenExpired(const Identity& identity, absl::Time now);

}  // namespace uid2

#endif  // SERVER_IDENTITY_FRESHNESS_H_
