// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRtbEids } from '../src/openrtb.ts';

for (const [scope, source] of [
  ['UID2', 'uidapi.com'],
  ['EUID', 'euid.eu'],
] as const) {
  test(`${scope}: the token as it is, of a person, from ${source}`, () => {
    assert.deepEqual(openRtbEids('A4+/=', scope), [{ source, uids: [{ id: 'A4+/=', atype: 3 }] }]);
  });
}

test('no bid request gets an empty identifier', () => {
  assert.throws(() => openRtbEids('', 'UID2'), TypeError);
});
