/** The three times of an identity, in Unix milliseconds. */
export interface IdentityTimes {
  readonly refresh_from: number;
  readonly identity_expires: number;
  readonly refresh_expires: number;
}

/** Where an identity is in its life. */
export type LifeStage = 'fresh' | 'refresh_due' | 'token_expired' | 'ended';

/** Reads the times out of `Identity.json`; the service has checked that they are there. */
export function timesOf(identityJson: string): IdentityTimes {
  return JSON.parse(identityJson) as IdentityTimes;
}

export function lifeStage(times: IdentityTimes, now: number): LifeStage {
  if (now >= times.refresh_expires) return 'ended';
  if (now >= times.identity_expires) return 'token_expired';
  return now >= times.refresh_from ? 'refresh_due' : 'fresh';
}

/** What may go into an ad request. */
export function advertisingToken(identityJson: string, now: number): string | undefined {
  const identity = JSON.parse(identityJson) as IdentityTimes & { advertising_token: string };
  return now < identity.identity_expires ? identity.advertising_token : undefined;
}
