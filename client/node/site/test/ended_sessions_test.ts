// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EndedSessions } from '../ended_sessions.ts';

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
