// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser, Visitor } from './browser.ts';
import { spyOnAds } from './page_spy.ts';
import { startStack, type Stack, type StackOptions } from './stack.ts';

/** What the tests of one `describe` share. */
export interface Fixture {
  stack: Stack;
  browser: Browser;
  /** New for each test; a page of its that complains fails the test. */
  visitor: Visitor;
}

/** To be called inside `describe`: a stack and a browser for all its tests. */
export function useSite(options: StackOptions = {}): Fixture {
  // Filled before the first test; what is missing at the end could not be started.
  const fixture = {} as Fixture;
  const started: Partial<Fixture> = fixture;
  before(async () => {
    fixture.browser = await launchBrowser();
    fixture.stack = await startStack(options);
  });
  after(async () => {
    await started.browser?.close();
    await started.stack?.stop();
  });
  beforeEach(async () => {
    fixture.visitor = await Visitor.arrive(fixture.browser, fixture.stack.url);
    await spyOnAds(fixture.visitor.page);
  });
  afterEach(async () => {
    const { complaints } = fixture.visitor;
    await fixture.visitor.leave();
    await fixture.stack.uid2.clearFaults();
    await fixture.stack.euid.clearFaults();
    assert.deepEqual(complaints, []);
  });
  return fixture;
}
