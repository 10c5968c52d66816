// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openSessionValue, sealSessionValue } from '../src/session_value.ts';

const KEY = randomBytes(32);
const NOW = 1_800_000_000_000;
const VALUE = '{"identity":"ä</script>"}';

test('a value comes back until it expires', () => {
  const sealed = sealSessionValue(VALUE, KEY, NOW + 1);
  assert.equal(openSessionValue(sealed, [KEY], NOW), VALUE);
  assert.equal(openSessionValue(sealed, [KEY], NOW + 1), undefined);
});

test('it can stand in a cookie, has the length that is promised, and shows nothing', () => {
  const sealed = sealSessionValue('x'.repeat(300), KEY, NOW);
  assert.match(sealed, /^[\w-]+$/);
  assert.equal(sealed.length, 48 + 400);
  assert.doesNotMatch(Buffer.from(sealed, 'base64url').toString('latin1'), /xxx/);
});

test('the same value never looks the same', () => {
  assert.notEqual(sealSessionValue(VALUE, KEY, NOW), sealSessionValue(VALUE, KEY, NOW));
});

test('during a change of keys both open', () => {
  const newKey = randomBytes(32);
  const old = sealSessionValue(VALUE, KEY, NOW + 1);
  const fresh = sealSessionValue(VALUE, newKey, NOW + 1);
  for (const sealed of [old, fresh]) {
    assert.equal(openSessionValue(sealed, [newKey, KEY], NOW), VALUE);
  }
  assert.equal(openSessionValue(old, [newKey], NOW), undefined);
});

test('no bit can be changed: of the time of expiry, the nonce, the text or the tag', () => {
  const bytes = Buffer.from(sealSessionValue(VALUE, KEY, NOW + 1), 'base64url');
  for (let index = 0; index < bytes.length; ++index) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
    assert.equal(
      openSessionValue(changed.toString('base64url'), [KEY], NOW),
      undefined,
      `${index}`,
    );
  }
});

for (const hostile of ['', 'x', 'A'.repeat(10_000), '%%%', '\u0000', '../../etc/passwd']) {
  test(`a cookie of ${JSON.stringify(hostile.slice(0, 20))} opens to nothing`, () => {
    assert.equal(openSessionValue(hostile, [KEY], 0), undefined);
  });
}

test('a key of another length is refused at both ends', () => {
  assert.throws(() => sealSessionValue(VALUE, randomBytes(16), NOW), RangeError);
  assert.throws(() => openSessionValue('', [randomBytes(33)], NOW), RangeError);
});

test('a time of expiry that is none is refused', () => {
  assert.throws(() => sealSessionValue(VALUE, KEY, Number.NaN), RangeError);
});
