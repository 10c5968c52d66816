// SPDX-License-Identifier: Apache-2.0
import { parseIdentity } from './identity.ts';
import type { Scope } from './scope.ts';

const NAMES: Record<Scope, string> = { UID2: '__uid_2', EUID: '__euid' };
// A browser drops a longer cookie (name and value) in silence.
const MAX_BYTES = 4096;

/** Where the cookie is seen. */
export interface SdkCookieOptions {
  readonly scope: Scope;
  /**
   * The same as `cookieDomain` of the SDK's init(). Default: this host only. The SDK deletes the
   * cookie with its own domain and path only: another one stays behind and wins over all else.
   */
  readonly domain?: string;
  /** The same as `cookiePath` of the SDK's init(). Default: "/". */
  readonly path?: string;
  /** False only for a site that is served by plain HTTP, as on a developer's machine. */
  readonly secure?: boolean;
}

/**
 * The Set-Cookie header that hands `Identity.json` to the SDK for JavaScript, whose init() must
 * then say `useCookie: true` and give no identity. Script reads the cookie, so it is not
 * HttpOnly. Where the page passes the identity to init(), do not set it: choose one way.
 *
 * Throws a TypeError if the text is no identity or the domain or path would break the header, and
 * a RangeError if the cookie is longer than browsers keep.
 */
export function sdkCookie(identityJson: string, options: SdkCookieOptions): string {
  const pair = `${NAMES[options.scope]}=${encodeURIComponent(identityJson)}`;
  const { refreshExpires } = parseIdentity(identityJson);
  if (pair.length > MAX_BYTES) {
    throw new RangeError(
      `the cookie has ${pair.length} bytes, more than the ${MAX_BYTES} that browsers keep`,
    );
  }
  return `${pair}; ${attributes(new Date(refreshExpires), options)}`;
}

/** The Set-Cookie header that removes the cookie at log-out, opt-out and when consent ends. */
export function removedSdkCookie(options: SdkCookieOptions): string {
  return `${NAMES[options.scope]}=; ${attributes(new Date(0), options)}`;
}

function attributes(expires: Date, options: SdkCookieOptions): string {
  const { domain, path = '/', secure = true } = options;
  const parts = [`Path=${checked('path', path)}`, `Expires=${expires.toUTCString()}`];
  if (domain !== undefined) parts.push(`Domain=${checked('domain', domain)}`);
  if (secure) parts.push('Secure');
  parts.push('SameSite=Lax');
  return parts.join('; ');
}

function checked(name: string, value: string): string {
  if (/^[\x21-\x3a\x3c-\x7e]+$/.test(value)) return value;
  throw new TypeError(`the cookie's ${name} must be printable ASCII without spaces and ";"`);
}
