// SPDX-License-Identifier: Apache-2.0

#include "server/identity/freshness.h"

namespace uid2 {

bool IsAdvertisingTokenGood(const Identity& identity, absl::Time now) {
  return now < absl::FromUnixMillis(identity.identity_expires);
}

bool IsRefreshDue(const Identity& identity, absl::Time now) {
  return now >= absl::FromUnixMillis(identity.refresh_from) ||
         !IsAdvertisingTokenGood(identity, now);
}

bool IsRefreshTokenExpired(const Identity& identity, absl::Time now) {
  return now >= absl::FromUnixMillis(identity.refresh_expires);
}

}  // namespace uid2
