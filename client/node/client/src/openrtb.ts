// SPDX-License-Identifier: Apache-2.0
import type { Scope } from './scope.ts';

const SOURCES: Record<Scope, string> = { UID2: 'uidapi.com', EUID: 'euid.eu' };
// An identifier of a person, as OpenRTB's AdCOM lists agent types.
const PERSON = 3;

/** An extended identifier of OpenRTB. */
export interface Eid {
  readonly source: string;
  readonly uids: readonly { readonly id: string; readonly atype: number }[];
}

/**
 * `user.eids` of an OpenRTB 2.6 bid request (`user.ext.eids` before) for a server that bids
 * itself. Only for a token that has not expired; without a token leave `eids` out.
 */
export function openRtbEids(advertisingToken: string, scope: Scope): readonly Eid[] {
  if (advertisingToken === '') throw new TypeError('the advertising token is empty');
  return [{ source: SOURCES[scope], uids: [{ id: advertisingToken, atype: PERSON }] }];
}
