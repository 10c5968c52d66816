// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { parseIdentity } from '../src/identity.ts';
import { identityJson } from './support/identities.ts';

test('an identity is read with the text it came in', () => {
  const json = identityJson({ new_field: 1 });
  assert.deepEqual(parseIdentity(json), {
    advertisingToken: 'A4AAAAad+/vertising==',
    refreshToken: 'AAAArefresh==',
    refreshResponseKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    identityExpires: 1_800_000_000_000,
    refreshFrom: 1_799_999_000_000,
    refreshExpires: 1_802_592_000_000,
    json,
  });
});

test('a legacy identity has an empty response key', () => {
  const json = identityJson({ refresh_response_key: undefined });
  assert.equal(parseIdentity(json).refreshResponseKey, '');
});

for (const [situation, json, complaint] of [
  ['no JSON', 'SECRET', /is not JSON/],
  ['an array', '[]', /not a JSON object/],
  ['null', 'null', /not a JSON object/],
  ['a token missing', identityJson({ refresh_token: undefined }), /refresh_token is not a string/],
  ['a token that is a number', identityJson({ advertising_token: 4 }), /advertising_token is not/],
  ['a time as text', identityJson({ refresh_from: '1' }), /refresh_from is not a time/],
  ['a time before 1970', identityJson({ refresh_expires: -1 }), /refresh_expires is not a time/],
  ['a time that no date has', identityJson({ refresh_expires: 9e15 }), /refresh_expires is not a/],
  ['a time with a fraction', identityJson({ identity_expires: 1.5 }), /identity_expires is not/],
] as const) {
  test(`${situation} is refused by name, and nothing of it is quoted`, () => {
    assert.throws(
      () => parseIdentity(json),
      (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, complaint);
        assert.doesNotMatch(inspect(error), /SECRET|AAAA/);
        return true;
      },
    );
  });
}

test('what is printed of an identity has its times and no token', () => {
  const printed = inspect({ outcome: 'ISSUED', identity: parseIdentity(identityJson()) });
  assert.match(printed, /identityExpires: 1800000000000/);
  assert.doesNotMatch(printed, /AAAA/);
});
