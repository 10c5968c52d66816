// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../site.ts';
import { snippet } from '../snippets.ts';
import { REPOSITORY } from './support/repository.ts';

const FILE = join(REPOSITORY, 'docs/web-tier.md');
// <!-- FILE: SNIPPET -->, and the block after it.
const BLOCK = /(<!-- (\S+): (\S+) -->\n```\w+\n)([\s\S]*?)(```)/g;

describe('docs/web-tier.md', () => {
  const text = readFileSync(FILE, 'utf8');
  const current = text.replace(BLOCK, (_, head: string, file: string, name: string) => {
    return `${head}${snippet(ROOT, '', file, name).lines}\n\`\`\``;
  });

  test('shows the lines that run; UPDATE_DOCUMENT=1 puts them in', () => {
    if (process.env['UPDATE_DOCUMENT']) writeFileSync(FILE, current);
    assert.equal(readFileSync(FILE, 'utf8'), current);
  });

  test('names every step of the guide', () => {
    for (const step of [
      '1-a',
      '1-c',
      '1-d',
      '1-e',
      '1-f',
      '1-g',
      '2-a',
      '3-a',
      '3-b',
      '4-a',
      '4-b',
    ]) {
      assert.ok(text.includes(step), step);
    }
  });

  test('has every picture that it shows', () => {
    for (const [, path] of text.matchAll(/\]\((images\/[\w-]+\.png)\)/g)) {
      assert.ok(existsSync(join(dirname(FILE), path ?? '')), path);
    }
  });
});
