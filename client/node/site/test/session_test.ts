// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EndedSessions } from '../ended_sessions.ts';
import { accountOf, nextPage, passwordMatches, readDii } from '../login_form.ts';
import { SlowCalls } from '../slow_calls.ts';
import { outcomeText } from '../outcome_text.ts';

describe('EndedSessions', () => {
  test('remembers a session for as long as its cookie could be read', () => {
    let now = 0;
    const ended = new EndedSessions(10, () => now);
    ended.add('a');
    now = 9_999;
    ended.add('b');
    assert.ok(ended.has('a'));
    now = 10_000;
    ended.add('c'); // forgets what is over
    assert.ok(!ended.has('a'));
    assert.ok(ended.has('b'));
  });
});

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

describe('SlowCalls', () => {
  test('a call that took all of its time pauses its kind, and no other', () => {
    const slow = new SlowCalls();
    slow.failed('refresh', Date.now() - 300, 300, 'OPERATOR_TIMEOUT');
    assert.equal(slow.pause('refresh'), 'OPERATOR_TIMEOUT');
    assert.equal(slow.pause('generate'), undefined);
  });

  test('a call that failed at once pauses nothing', () => {
    const slow = new SlowCalls();
    slow.failed('refresh', Date.now(), 300, 'OPERATOR_ERROR');
    assert.equal(slow.pause('refresh'), undefined);
  });
});

describe('outcomeText', () => {
  test('has words for every outcome', () => {
    for (const outcome of ['OPTED_OUT', 'INSUFFICIENT_CONSENT', 'LOGIN_REQUIRED'] as const) {
      assert.ok(outcomeText({ outcome }).text.length > 20);
    }
    assert.match(outcomeText({ outcome: 'UNAVAILABLE', reason: 'X', retryAt: 0 }).text, /\(X\)/);
    assert.match(
      outcomeText({ outcome: 'KEPT', json: '', since: 0, keptReason: 'Y' }).text,
      /\(Y\)/,
    );
  });
});
