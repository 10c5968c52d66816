// SPDX-License-Identifier: Apache-2.0
import { inspect } from 'node:util';

/**
 * A bearer credential of a user: never log it. Its tokens are left out of what `console.log` and
 * `util.inspect` print; `JSON.stringify` writes them all.
 *
 * Pass `json` on as it stands, to the SDK for JavaScript, Prebid.js or a session: it keeps fields
 * that this version does not know and the very text of numbers, and can stand inside a `<script>`
 * element.
 */
export interface Identity {
  /** What goes into the bid stream. */
  readonly advertisingToken: string;
  /** Whoever holds it can refresh this identity, without any key. */
  readonly refreshToken: string;
  /** Opens the operator's reply to a refresh. Empty for a legacy identity. */
  readonly refreshResponseKey: string;
  /** The advertising token is good until then. Unix milliseconds, as are the next two. */
  readonly identityExpires: number;
  /** From then on a refresh is due. */
  readonly refreshFrom: number;
  /** The refresh token is good until then. */
  readonly refreshExpires: number;
  /** The whole identity as one JSON object. */
  readonly json: string;
}

// The last that a cookie's date can say: the end of the year 9999.
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

type Times = Pick<Identity, 'identityExpires' | 'refreshFrom' | 'refreshExpires'>;

/** Adds what keeps the tokens out of a log. */
export function withoutTokensInLogs(identity: Identity): Identity {
  const { identityExpires, refreshFrom, refreshExpires } = identity;
  const shown: Times = { identityExpires, refreshFrom, refreshExpires };
  // Not enumerable: neither JSON, a copy nor a comparison sees it.
  return Object.defineProperty(identity, inspect.custom, {
    value: () => `Identity ${inspect(shown)}`,
  });
}

/**
 * Reads `Identity.json`, or what a session or a browser kept of it.
 *
 * Throws a TypeError that names the field, and quotes nothing, where the text is no identity.
 */
export function parseIdentity(json: string): Identity {
  const fields = parseFields(json);
  const text = (name: string, fallback?: string): string => {
    const value = fields[name] ?? fallback;
    if (typeof value === 'string') return value;
    throw new TypeError(`the identity's ${name} is not a string`);
  };
  const time = (name: string): number => {
    const value = fields[name];
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LAST_TIME) {
      return Number(value);
    }
    throw new TypeError(`the identity's ${name} is not a time in Unix milliseconds`);
  };
  return withoutTokensInLogs({
    advertisingToken: text('advertising_token'),
    refreshToken: text('refresh_token'),
    refreshResponseKey: text('refresh_response_key', ''),
    identityExpires: time('identity_expires'),
    refreshFrom: time('refresh_from'),
    refreshExpires: time('refresh_expires'),
    json,
  });
}

function parseFields(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's own error would quote the text.
    throw new TypeError('the identity is not JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new TypeError('the identity is not a JSON object');
}
