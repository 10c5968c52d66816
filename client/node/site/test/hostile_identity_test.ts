// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';
import { REPOSITORY } from './support/repository.ts';

const HOSTILE = '</script><script>window.broken = 1</script><!--<script>&amp;\u2028\u2029"\'';

describe('an identity with a field that tries to break out of its script element', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hostile-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'emulator.toml');
  const defaults = await readFile(join(REPOSITORY, 'tests/emulator/emulator.toml'), 'utf8');
  const field = `x = ${JSON.stringify(HOSTILE)}`;
  await writeFile(
    file,
    defaults.replace('[extra_identity_fields]', `[extra_identity_fields]\n${field}`),
  );
  const site = useSite({ emulatorConfig: file });

  for (const path of [
    '/client-server',
    '/prebid',
    '/secure-signals',
    '/server-side',
    '/identity',
  ]) {
    test(`does no harm on ${path}`, async () => {
      const { visitor } = site;
      await visitor.logIn('ada@example.com', path);
      await visitor.page.waitForLoadState('networkidle');
      assert.equal(await visitor.page.evaluate(() => 'broken' in window), false);
      // Nothing of it became an element or text of the page.
      assert.ok(!(await visitor.page.locator('body').innerText()).includes('window.broken'));
    });
  }

  test('1-f: the SDK is given the very value', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    const block = await visitor.page.locator('#identity').textContent();
    assert.equal((JSON.parse(block ?? '') as { x: string }).x, HOSTILE);
  });
});
