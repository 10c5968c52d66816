// SPDX-License-Identifier: Apache-2.0
import { parseIdentity } from '@uid2-identity/client';

/** What the picture of an identity's life is drawn from; Unix milliseconds. */
export interface LifePicture {
  /** When the identity was received. */
  readonly since: number;
  readonly refresh_from: number;
  readonly identity_expires: number;
  readonly refresh_expires: number;
}

export function lifePicture(held: { json: string; since: number }): LifePicture {
  const { refreshFrom, identityExpires, refreshExpires } = parseIdentity(held.json);
  return {
    since: held.since,
    refresh_from: refreshFrom,
    identity_expires: identityExpires,
    refresh_expires: refreshExpires,
  };
}
