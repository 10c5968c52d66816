// SPDX-License-Identifier: Apache-2.0
import { parseIdentity } from './identity.ts';
import type { Scope } from './scope.ts';

const NAMES = {
  UID2: { module: 'uid2', token: 'uid2Token', apiBase: 'uid2ApiBase' },
  EUID: { module: 'euid', token: 'euidToken', apiBase: 'euidApiBase' },
} as const;

/** One entry of `userSync.userIds` of Prebid.js. */
export interface PrebidUserId {
  readonly name: 'uid2' | 'euid';
  readonly params: Readonly<Record<string, unknown>>;
}

export interface PrebidOptions {
  readonly scope: Scope;
  /** The operator that the page refreshes from, such as "https://prod.uidapi.com". */
  readonly apiBase?: string;
}

/**
 * Configures Prebid.js to use an identity and to refresh it itself. Give the identity on the page
 * after log-in only, and undefined on the others, which then use what Prebid.js has stored: a
 * page that repeats an older identity throws the refreshed one away.
 *
 * Embed it with `toScriptJson()`. Throws a TypeError if the text is no identity.
 */
export function prebidUserId(
  identityJson: string | undefined,
  { scope, apiBase }: PrebidOptions,
): PrebidUserId {
  const names = NAMES[scope];
  const params: Record<string, unknown> = {};
  if (identityJson !== undefined) {
    parseIdentity(identityJson);
    params[names.token] = JSON.parse(identityJson);
  }
  if (apiBase !== undefined) params[names.apiBase] = apiBase;
  return { name: names.module, params };
}
