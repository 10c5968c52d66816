// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accountOf, nextPage, passwordMatches, readDii } from '../login_form.ts';

describe('the login form', () => {
  for (const [text, dii] of [
    ['ada@example.com', { email: 'ada@example.com' }],
    [' ada@example.com ', { email: 'ada@example.com' }],
    ['+1 (234) 567-8901', { phone: '+12345678901' }],
    ['12345678901', { email: '12345678901' }],
  ] as const) {
    test(`reads "${text}"`, () => assert.deepEqual(readDii(text), dii));
  }

  test('one account has one name', () => {
    assert.equal(accountOf({ email: 'ADA@Example.com' }), accountOf({ email: 'ada@example.com' }));
  });

  test('passwords of another length are wrong, not an error', () => {
    assert.ok(!passwordMatches('', 'demo'));
    assert.ok(passwordMatches('demo', 'demo'));
  });

  for (const next of ['https://evil.example', '//evil.example', '/unknown', undefined, ['/euid']]) {
    test(`does not lead to ${String(next)}`, () =>
      assert.equal(nextPage(next, ['/euid']), '/identity'));
  }
});
