import type { IdentityTimes } from './identity_times.ts';

/** What the picture of an identity's life needs; the page keeps it moving. */
export interface LifePicture extends IdentityTimes {
  /** When the identity was received; Unix milliseconds, as are the others. */
  readonly since: number;
}

export function lifePicture(held: { json: string; since: number }): LifePicture {
  const { refresh_from, identity_expires, refresh_expires } = JSON.parse(held.json) as IdentityTimes;
  return { since: held.since, refresh_from, identity_expires, refresh_expires };
}
