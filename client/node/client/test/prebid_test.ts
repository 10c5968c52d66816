// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prebidUserId } from '../src/prebid.ts';
import { identityJson } from './support/identities.ts';

test('UID2: the whole identity, its times as numbers, and the operator', () => {
  const json = identityJson({ more: [1] });
  const userId = prebidUserId(json, { scope: 'UID2', apiBase: 'https://operator.example' });
  assert.deepEqual(userId, {
    name: 'uid2',
    params: { uid2Token: JSON.parse(json) as object, uid2ApiBase: 'https://operator.example' },
  });
});

test('EUID has names of its own', () => {
  const json = identityJson();
  assert.deepEqual(prebidUserId(json, { scope: 'EUID', apiBase: 'https://euid.example' }), {
    name: 'euid',
    params: { euidToken: JSON.parse(json) as object, euidApiBase: 'https://euid.example' },
  });
});

test('without an identity Prebid.js goes on with what it has stored', () => {
  assert.deepEqual(prebidUserId(undefined, { scope: 'UID2' }), { name: 'uid2', params: {} });
});

test('what is no identity is refused', () => {
  assert.throws(() => prebidUserId('{"advertising_token":"A"}', { scope: 'UID2' }), TypeError);
});
