// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toScriptJson } from '../src/script_json.ts';

test('nothing that the value holds can leave the script element', () => {
  const hostile = { token: '</script><script>alert(1)</script><!--&amp;\u2028\u2029' };
  const json = toScriptJson(hostile);
  assert.doesNotMatch(json, /[<>&\u2028\u2029]/);
  assert.deepEqual(JSON.parse(json), hostile);
});

test('a name is escaped as a value is', () => {
  assert.equal(toScriptJson({ '</script>': 1 }), '{"\\u003c/script\\u003e":1}');
});

for (const value of [undefined, () => 1, Symbol('s')]) {
  test(`${typeof value} has no JSON form and is refused`, () => {
    assert.throws(() => toScriptJson(value), TypeError);
  });
}
