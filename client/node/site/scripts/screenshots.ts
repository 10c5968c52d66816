// SPDX-License-Identifier: Apache-2.0
// Takes the pictures of README.md and docs/web-tier.md: node scripts/screenshots.ts
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser, Visitor } from '../test/support/browser.ts';
import { REPOSITORY } from '../test/support/repository.ts';
import { startStack } from '../test/support/stack.ts';

interface Picture {
  readonly name: string;
  readonly path: string;
  /** Logs in as this user first. */
  readonly login?: string;
  readonly state?: string;
  readonly click?: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

const DESKTOP = { width: 1280, height: 820 };
const PHONE = { width: 390, height: 820 };
const ADA = 'ada@example.com';

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: '/', size: DESKTOP, colorScheme: 'light' },
  { name: 'identity', path: '/identity', login: ADA, size: DESKTOP, colorScheme: 'light' },
  {
    name: 'client-server',
    path: '/client-server',
    login: ADA,
    state: 'Identity available',
    size: DESKTOP,
    colorScheme: 'light',
  },
  {
    name: 'opted-out',
    path: '/client-server',
    login: 'optout@example.com',
    state: 'Opted out',
    size: DESKTOP,
    colorScheme: 'dark',
  },
  {
    name: 'euid',
    path: '/euid',
    login: ADA,
    click: '[data-choice=all]',
    state: 'Identity available',
    size: DESKTOP,
    colorScheme: 'dark',
  },
  {
    name: 'prebid',
    path: '/prebid',
    login: ADA,
    state: 'Identity available',
    size: DESKTOP,
    colorScheme: 'light',
  },
  {
    name: 'secure-signals',
    path: '/secure-signals/server',
    login: ADA,
    size: DESKTOP,
    colorScheme: 'light',
  },
  { name: 'phone', path: '/server-side', login: ADA, size: PHONE, colorScheme: 'dark' },
];

const folder = join(REPOSITORY, 'docs/images');
await mkdir(folder, { recursive: true });
const [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
try {
  for (const { name, path, login, state, click, size, colorScheme } of PICTURES) {
    const options = { viewport: size, colorScheme, reducedMotion: 'reduce' as const };
    const visitor = await Visitor.arrive(browser, stack.url, options);
    if (login) await visitor.logIn(login, path === '/secure-signals/server' ? '/identity' : path);
    if (!login || path === '/secure-signals/server') await visitor.open(path);
    if (click) await visitor.page.click(click);
    if (state) await visitor.waitForState(state);
    await visitor.page.waitForLoadState('networkidle');
    await visitor.page.screenshot({ path: join(folder, `${name}.png`) });
    await visitor.leave();
  }
} finally {
  await browser.close();
  await stack.stop();
}
