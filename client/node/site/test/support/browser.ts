// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** No wait of a test is longer; a page here is done in a fraction of a second. */
export const MAX_WAIT_MS = 15_000;

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) throw new Error(`no ${EXECUTABLE}: apt-get install chromium`);
  return chromium.launch({
    executablePath: EXECUTABLE,
    // Root cannot use the sandbox, and /dev/shm is small in containers.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

/** One user's browser: its cookies and storage are its own, and its pages' complaints are kept. */
export class Visitor {
  readonly context: BrowserContext;
  readonly url: string;
  /** Errors of scripts and refusals by the content security policy, of all pages. */
  readonly complaints: string[] = [];
  page!: Page;

  private constructor(context: BrowserContext, url: string) {
    this.context = context;
    this.url = url;
  }

  static async arrive(
    browser: Browser,
    url: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Visitor> {
    const visitor = new Visitor(await browser.newContext(options), url);
    visitor.context.setDefaultTimeout(MAX_WAIT_MS);
    visitor.page = await visitor.newTab();
    return visitor;
  }

  async newTab(): Promise<Page> {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      const text = message.text();
      if (/Content Security Policy|threw an exception/.test(text)) this.complaints.push(text);
    });
    return page;
  }

  async open(path: string, page = this.page): Promise<void> {
    await page.goto(this.url + path);
  }

  async logIn(login: string, next = '/client-server', page = this.page): Promise<void> {
    await this.open(`/login?next=${encodeURIComponent(next)}`, page);
    await page.fill('#login', login);
    await page.fill('#password', 'demo');
    await page.click('main form button');
    await page.waitForURL(this.url + next);
  }

  async logOut(page = this.page): Promise<void> {
    await page.click('#logout button');
    await page.waitForURL(`${this.url}/logged-out`);
  }

  /** What the page's first panel says, once it says this. */
  async waitForState(title: string, page = this.page): Promise<void> {
    await page.waitForSelector(`[data-state="${title}"]`);
  }

  async stored(key: string, page = this.page): Promise<Record<string, unknown> | undefined> {
    const text = await page.evaluate((name) => localStorage.getItem(name), key);
    return text ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  }

  leave(): Promise<void> {
    return this.context.close();
  }
}
