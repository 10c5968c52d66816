// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, spied, tokenIn } from './support/page_spy.ts';

const STORE = 'UID2-sdk-identity';

describe('client-server with the UID2 SDK', () => {
  const site = useSite();

  test('1-d to 2-a: a login gives one ad request with the token of the identity', async () => {
    const { visitor } = site;
    await site.stack.uid2.resetCounters();
    await visitor.logIn('ada@example.com');
    const request = await firstAdRequest(visitor.page);
    const identity = await visitor.stored(STORE);
    assert.deepEqual(request, {
      user: {
        eids: [{ source: 'uidapi.com', uids: [{ id: identity?.['advertising_token'], atype: 3 }] }],
      },
    });
    assert.equal(typeof identity?.['refresh_from'], 'number');
    assert.equal(await site.stack.uid2.calls('generate'), 1);
    await visitor.waitForState('Identity available');
  });

  test('1-f: the page is given the identity once, and later uses what the SDK has stored', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    await visitor.waitForState('Identity available');
    assert.equal(await visitor.page.locator('#identity').count(), 1);
    const first = tokenIn(await firstAdRequest(visitor.page));
    await visitor.open('/client-server');
    assert.equal(await visitor.page.locator('#identity').count(), 0);
    assert.equal(tokenIn(await firstAdRequest(visitor.page)), first);
  });

  test('1-g: events that come twice make one ad request', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    await firstAdRequest(visitor.page);
    // With saved options the SDK starts itself: InitCompleted comes twice.
    await visitor.page.reload();
    await visitor.page.waitForFunction(() => {
      const lines = [...document.querySelectorAll('[data-log] b')];
      return lines.filter(({ textContent }) => textContent === 'InitCompleted').length === 2;
    });
    assert.equal((await spied(visitor.page)).requests.length, 1);
  });

  test('no email, hash or secret is in anything that the page receives', async () => {
    const { visitor } = site;
    const bodies: string[] = [];
    visitor.page.on('response', async (response) => {
      if (response.status() < 300) bodies.push(await response.text().catch(() => ''));
    });
    await visitor.logIn('hidden.name@example.com');
    await firstAdRequest(visitor.page);
    const page = await visitor.page.content();
    // Its own user sees the address in the page's head line, and nowhere else.
    assert.equal(page.split('hidden.name').length - 1, 1);
    const scripts = bodies.filter((body) => !body.includes('<!doctype html>')).join('\n');
    assert.ok(!scripts.includes('hidden.name'));
  });

  test('storage that was cleared: the page asks the web tier once more', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    await firstAdRequest(visitor.page);
    await visitor.page.evaluate(() => localStorage.clear());
    await visitor.open('/client-server');
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    await visitor.waitForState('Identity available');
  });

  test('opted out at login: an older identity in the browser is replaced, no prompt', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    const old = await visitor.stored(STORE);
    // As a tab that was closed without a logout leaves it behind.
    await visitor.context.clearCookies();
    await visitor.logIn('optout@example.com');
    assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
    await visitor.waitForState('Opted out');
    const record = await visitor.stored(STORE);
    assert.equal(record?.['status'], 'optout');
    assert.notEqual(record?.['advertising_token'], old?.['advertising_token']);
  });

  test('logged out: the page makes the SDK forget an identity that was left behind', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    await visitor.waitForState('Identity available');
    await visitor.context.clearCookies();
    await visitor.open('/client-server');
    await visitor.page.waitForFunction((key) => !localStorage.getItem(key), STORE);
  });
});
