// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removedSdkCookie, sdkCookie } from '../src/sdk_cookie.ts';
import { identityJson } from './support/identities.ts';

// As the SDK for JavaScript reads it: the pair split at "=", its second part decoded and parsed.
function asTheSdkReads(cookie: string): unknown {
  const pair = cookie.split(';')[0] ?? '';
  return JSON.parse(decodeURIComponent(pair.split('=')[1] ?? ''));
}

for (const [scope, name] of [
  ['UID2', '__uid_2'],
  ['EUID', '__euid'],
] as const) {
  test(`the SDK for ${scope} reads back the identity, "=" and escapes included`, () => {
    const json = identityJson({ more: 'ä; \u003c/script\u003e' });
    const cookie = sdkCookie(json, { scope });
    assert.ok(cookie.startsWith(`${name}=`), cookie);
    assert.deepEqual(asTheSdkReads(cookie), JSON.parse(json));
    assert.match(cookie, /^[\x21-\x7e]+; /, 'a value that needs no quotes');
  });
}

test('it lasts as long as the refresh token, for this host, over HTTPS', () => {
  const attributes = sdkCookie(identityJson(), { scope: 'UID2' }).split('; ').slice(1);
  assert.deepEqual(attributes, [
    'Path=/',
    'Expires=Sun, 14 Feb 2027 08:00:00 GMT',
    'Secure',
    'SameSite=Lax',
  ]);
});

test('script can read it', () => {
  assert.doesNotMatch(sdkCookie(identityJson(), { scope: 'UID2' }), /HttpOnly/i);
});

test('domain, path and plain HTTP are the caller’s choice', () => {
  const options = { scope: 'EUID', domain: 'example.com', path: '/shop', secure: false } as const;
  const cookie = sdkCookie(identityJson(), options);
  assert.match(cookie, /; Path=\/shop; Expires=[^;]+; Domain=example\.com; SameSite=Lax$/);
});

test('the removal has the same name, domain and path, and a time long gone', () => {
  assert.equal(
    removedSdkCookie({ scope: 'UID2', domain: 'example.com' }),
    '__uid_2=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=example.com; Secure; SameSite=Lax',
  );
});

for (const [option, value] of [
  ['domain', 'example.com; HttpOnly'],
  ['path', '/\r\nSet-Cookie: a=b'],
  ['domain', ''],
] as const) {
  test(`a ${option} of ${JSON.stringify(value)} cannot break the header`, () => {
    const options = { scope: 'UID2', [option]: value } as const;
    assert.throws(() => sdkCookie(identityJson(), options), {
      name: 'TypeError',
      message: new RegExp(`cookie's ${option}`),
    });
  });
}

test('what is no identity is not handed to the SDK', () => {
  assert.throws(() => sdkCookie('{}', { scope: 'UID2' }), TypeError);
});

test('a cookie that a browser would drop in silence is refused', () => {
  const long = identityJson({ advertising_token: 'A'.repeat(4096) });
  assert.throws(() => sdkCookie(long, { scope: 'UID2' }), RangeError);
});
