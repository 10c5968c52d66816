// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SlowCalls } from '../slow_calls.ts';

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
