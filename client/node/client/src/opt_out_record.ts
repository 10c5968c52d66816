// SPDX-License-Identifier: Apache-2.0
const HOURS_KEPT = 72;

/** What the SDK for JavaScript keeps of a user who has opted out. */
export interface OptOutRecord {
  readonly status: 'optout';
  /** Unix milliseconds, as is the next. */
  readonly identity_expires: number;
  readonly refresh_expires: number;
}

/**
 * What `setIdentity()` of the SDK for JavaScript takes after an OPTED_OUT, once `init()` has run:
 * it replaces an older identity in the browser's storage, and `hasOptedOut()` is then true. The
 * SDK keeps it for 72 hours, whatever the times say.
 *
 * Embed it with `toScriptJson()`. `now` is in Unix milliseconds.
 */
export function optOutRecord(now: number = Date.now()): OptOutRecord {
  const expires = now + HOURS_KEPT * 3600 * 1000;
  return { status: 'optout', identity_expires: expires, refresh_expires: expires };
}
