// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { snippet } from '../snippets.ts';

describe('snippet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'snippets-'));
  after(() => rmSync(folder, { recursive: true }));
  const write = (text: string) => writeFileSync(join(folder, 'source.ts'), text);

  test('is the marked lines, without the indentation that they share', () => {
    write('a\n  // snippet: one\n  b\n    c\n  // end snippet\nd\n');
    assert.equal(snippet(folder, 'page', 'source.ts', 'one').lines, 'b\n  c');
  });

  for (const [name, text] of [
    ['that is not there', 'a\n// snippet: other\nb\n// end snippet\n'],
    ['that does not end', '// snippet: one\nb\n'],
  ] as const) {
    test(`throws for one ${name}`, () => {
      write(text);
      assert.throws(() => snippet(folder, 'page', 'source.ts', 'one'), /source.ts: no lines/);
    });
  }
});
