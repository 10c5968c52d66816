// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { begin, hold, sessionMark, type SiteSession } from '../session.ts';

/** The three methods of a session that are used here. */
function newSession(): SiteSession {
  const data = new Map<string, unknown>();
  const session = {
    get: (key: string) => data.get(key),
    set: (key: string, value: unknown) => void data.set(key, value),
    regenerate: () => data.clear(),
  };
  return session as unknown as SiteSession;
}

const identity = (json: string) => ({ outcome: 'ISSUED', json, since: 0 }) as const;

describe('hold', () => {
  test('keeps an identity', () => {
    const session = newSession();
    hold(session, 'uid2', identity('{}'));
    assert.deepEqual(session.get('uid2'), identity('{}'));
  });

  test('one that no cookie can hold is not kept: browsers would drop the whole session', () => {
    const session = newSession();
    hold(session, 'uid2', identity('x'.repeat(2_000)));
    assert.equal(session.get('uid2')?.outcome, 'UNAVAILABLE');
  });
});

describe('begin', () => {
  test('keeps nothing of the time before the login', () => {
    const session = newSession();
    session.set('notice', 'old');
    begin(session, { name: 'Ada', via: 'password' });
    assert.equal(session.get('notice'), undefined);
  });

  test('each login is a session of its own', () => {
    const first = begin(newSession(), { name: 'Ada', via: 'password' });
    const second = begin(newSession(), { name: 'Ada', via: 'password' });
    assert.notEqual(sessionMark(first), sessionMark(second));
    assert.ok(!sessionMark(first).includes(first.sessionId));
  });
});
