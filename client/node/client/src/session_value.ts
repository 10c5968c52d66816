// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TIME_BYTES = 8;
// Names this format; sealed in with each value, as is the time of expiry.
const FORMAT = Buffer.from('uid2.identity.session.1');

/**
 * Seals a session's value (an identity's JSON, the outcome, the user) for a cookie or a store:
 * unreadable without a key, and refused once changed or expired. base64url, so that it can stand
 * in a cookie as it is: 48 characters and four thirds of the value's bytes. Set that cookie
 * HttpOnly, Secure and SameSite=Lax.
 *
 * `key` is 32 random bytes. A key is good for some four billion values: make a new one long
 * before. `expires` is in Unix milliseconds.
 */
export function sealSessionValue(value: string, key: Uint8Array, expires: number): string {
  checkKey(key);
  if (!Number.isSafeInteger(expires) || expires < 0) {
    throw new RangeError('expires must be a whole number of Unix milliseconds');
  }
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(expires));
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.concat([FORMAT, time]));
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([time, nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/**
 * The value that was sealed with one of the keys, or undefined where it has expired, was changed,
 * or is no sealed value at all: what a browser sends is never a reason to throw.
 *
 * To change keys, seal with the new one and open with both until the last old value has expired.
 */
export function openSessionValue(
  sealed: string,
  keys: readonly Uint8Array[],
  now: number = Date.now(),
): string | undefined {
  keys.forEach(checkKey);
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < TIME_BYTES + NONCE_BYTES + TAG_BYTES) return undefined;
  const time = bytes.subarray(0, TIME_BYTES);
  const nonce = bytes.subarray(TIME_BYTES, TIME_BYTES + NONCE_BYTES);
  const text = bytes.subarray(TIME_BYTES + NONCE_BYTES, -TAG_BYTES);
  const tag = bytes.subarray(-TAG_BYTES);
  if (Number(time.readBigUInt64BE()) <= now) return undefined;
  for (const key of keys) {
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.concat([FORMAT, time]))
      .setAuthTag(tag);
    const opened = decipher.update(text);
    try {
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch {
      // Another key, or changed: try the next.
    }
  }
  return undefined;
}

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) {
    throw new RangeError(`the session key has ${key.length} bytes; it must have ${KEY_BYTES}`);
  }
}
