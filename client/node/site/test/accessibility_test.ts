// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { Visitor } from './support/browser.ts';
import { useSite } from './support/fixture.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PAGES = [
  '/',
  '/identity',
  '/client-server',
  '/euid',
  '/prebid',
  '/secure-signals',
  '/secure-signals/server',
  '/server-side',
];

const LOGGED_OUT = ['/login', '/logged-out', '/no-such-page', '/', '/client-server'];

async function violations(page: Page): Promise<string[]> {
  // As a script of the test, not of the page: the policy would refuse it.
  const { violations } = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** As after a while, when it has more lines than are seen at a time. */
async function fillLog(page: Page): Promise<void> {
  await page.evaluate(() => {
    const log = document.querySelector('[data-log]');
    for (let i = 0; i < 50; ++i) {
      log?.append(Object.assign(document.createElement('li'), { textContent: `line ${i}` }));
    }
  });
}

describe('accessibility', () => {
  const site = useSite();

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`no page has a violation, logged out and in, at desktop and phone width, ${colorScheme}`, async () => {
      const viewport = { width: 1280, height: 800 };
      const visitor = await Visitor.arrive(site.browser, site.stack.url, {
        colorScheme,
        viewport,
        reducedMotion: 'reduce',
      });
      try {
        await visitor.page.addInitScript({ path: AXE });
        const found: string[] = [];
        const check = async (path: string) => {
          await visitor.open(path);
          await visitor.page.waitForLoadState('networkidle');
          await fillLog(visitor.page);
          for (const width of [1280, 390]) {
            await visitor.page.setViewportSize({ width, height: 800 });
            found.push(
              ...(await violations(visitor.page)).map((text) => `${path} at ${width}: ${text}`),
            );
          }
        };
        for (const path of LOGGED_OUT) await check(path);
        await visitor.logIn('ada@example.com');
        for (const path of PAGES) await check(path);
        await visitor.logOut();
        await visitor.open('/login');
        await visitor.page.click('text=Log in by single sign-on');
        found.push(...(await violations(visitor.page)).map((text) => `sign-on: ${text}`));
        assert.deepEqual(found, []);
      } finally {
        await visitor.leave();
      }
    });
  }

  test('what is wrong is found', async () => {
    const { page } = site.visitor;
    await page.addInitScript({ path: AXE });
    await site.visitor.open('/');
    await page.evaluate(() => {
      document.querySelector('main')?.append(document.createElement('input'));
    });
    assert.deepEqual(await violations(page), ['label: <input>']);
  });

  test('no page is wider than a phone', async () => {
    const { visitor } = site;
    await visitor.page.setViewportSize({ width: 360, height: 740 });
    await visitor.logIn('ada@example.com');
    for (const path of PAGES) {
      await visitor.open(path);
      await visitor.page.waitForLoadState('networkidle');
      const width = await visitor.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${path}: ${width}`);
    }
  });

  test('a login needs no mouse', async () => {
    const { visitor } = site;
    await visitor.open('/login');
    const { keyboard } = visitor.page;
    await keyboard.type('ada@example.com'); // the field has the focus
    await keyboard.press('Tab');
    await keyboard.type('demo');
    await keyboard.press('Enter');
    await visitor.page.waitForURL(`${visitor.url}/identity`);
  });
});
