// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optOutRecord } from '../src/opt_out_record.ts';

test('the record lasts 72 hours', () => {
  const expires = 1_800_000_000_000 + 72 * 60 * 60 * 1000;
  assert.deepEqual(optOutRecord(1_800_000_000_000), {
    status: 'optout',
    identity_expires: expires,
    refresh_expires: expires,
  });
});

test('without a time it begins now', () => {
  const before = Date.now();
  const { identity_expires: expires } = optOutRecord();
  assert.ok(expires >= before + 259_200_000 && expires <= Date.now() + 259_200_000);
});
