// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outcomeText } from '../outcome_text.ts';

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
