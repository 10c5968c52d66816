// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Request } from 'playwright-core';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, spied, tokenIn } from './support/page_spy.ts';

const STORE = '__uid2_advertising_token';

type Stored = { latestToken: { advertising_token: string; refresh_from: number } | 'optout' };

describe('Prebid.js, client-server', () => {
  const site = useSite({
    lifetimes: { refreshFromMs: 500, identityMs: 30_000, refreshMs: 60_000 },
  });

  const stored = async () => (await site.visitor.stored(STORE)) as Stored | undefined;
  const storedToken = async () => {
    const latest = (await stored())?.latestToken;
    return typeof latest === 'object' ? latest.advertising_token : latest;
  };
  const waitForOtherToken = (old: string | undefined) =>
    site.visitor.page.waitForFunction(
      ([key, token]) => {
        const text = localStorage.getItem(key ?? '');
        const latest = text ? (JSON.parse(text) as Stored).latestToken : undefined;
        return latest && (latest === 'optout' || latest.advertising_token !== token);
      },
      [STORE, old] as const,
    );

  /** Views the page again once a refresh is due; Prebid.js looks when an auction begins. */
  const viewWhenDue = async () => {
    await site.visitor.page.waitForFunction((key) => {
      const text = localStorage.getItem(key);
      const latest = text ? (JSON.parse(text) as Stored).latestToken : undefined;
      return latest && (latest === 'optout' || latest.refresh_from < Date.now());
    }, STORE);
    await site.visitor.open('/prebid');
  };

  test('a real auction: the bid request carries the token, and a bid comes back', async () => {
    const { visitor } = site;
    const bids: Request[] = [];
    visitor.page.on('request', (request) => {
      if (request.url().endsWith('/prebid/bids')) bids.push(request);
    });
    await visitor.logIn('ada@example.com', '/prebid');
    await visitor.page.waitForSelector('[data-log] >> text=house: 1.2 USD');
    const token = tokenIn(await firstAdRequest(visitor.page));
    assert.ok(token);
    const sent = bids[0]?.postDataJSON() as { user: { ext: { eids: unknown } } };
    assert.deepEqual(sent.user.ext.eids, [
      { source: 'uidapi.com', uids: [{ id: token, atype: 3 }] },
    ]);
    await visitor.waitForState('Identity available');
  });

  test('refreshes at another origin, with a preflight; a second one outlives a page view', async () => {
    const { visitor, stack } = site;
    const methods: string[] = [];
    visitor.page.on('request', (request) => {
      if (request.url().startsWith(stack.uid2.url)) methods.push(request.method());
    });
    await stack.uid2.resetCounters();
    await visitor.logIn('ada@example.com', '/prebid');
    const first = tokenIn(await firstAdRequest(visitor.page));
    await viewWhenDue();
    await waitForOtherToken(first);
    const second = await storedToken();
    await viewWhenDue();
    await waitForOtherToken(second);
    const third = await storedToken();
    await visitor.open('/prebid');
    assert.ok(methods.includes('POST'));
    // The operator alone sees the browser's own preflight, which serves for the next five seconds.
    await stack.uid2.waitFor('endpoints.refresh.statuses.204>=1');
    await stack.uid2.waitFor('endpoints.refresh.statuses.200>=2');
    assert.notEqual(tokenIn(await firstAdRequest(visitor.page)), first);
    assert.notEqual(third, second);
  });

  test('an opt-out at a refresh: no user id, no further refresh, no prompt', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('refresh-optout@example.com', '/prebid');
    const first = tokenIn(await firstAdRequest(visitor.page));
    await viewWhenDue();
    await waitForOtherToken(first);
    assert.equal(await storedToken(), 'optout');
    await stack.uid2.resetCounters();
    await visitor.open('/prebid');
    await visitor.waitForState('Opted out');
    assert.equal(tokenIn((await spied(visitor.page)).requests[0]), undefined);
    assert.equal(await stack.uid2.calls('refresh'), 0);
  });

  test('a reply that cannot be opened: the auction ends all the same', async () => {
    const { visitor, stack } = site;
    await stack.uid2.addFault({ kind: 'wrong_key', endpoint: 'refresh' });
    await visitor.logIn('ada@example.com', '/prebid');
    await visitor.page.waitForSelector('[data-log] >> text=house: 1.2 USD');
    await visitor.open('/prebid');
    await visitor.page.waitForSelector('[data-log] >> text=house: 1.2 USD');
    await visitor.page.waitForFunction(
      () => document.querySelector('[data-ids]')?.textContent !== 'none yet',
    );
  });

  test('opted out at login: what was stored is gone, and bid requests carry nothing', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/prebid');
    await visitor.waitForState('Identity available');
    await visitor.context.clearCookies();
    await visitor.logIn('optout@example.com', '/prebid');
    await visitor.waitForState('Opted out');
    assert.equal(tokenIn(await firstAdRequest(visitor.page)), undefined);
    assert.equal(await stored(), undefined);
  });

  test('logout clears the store; user B never has A’s token', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/prebid');
    const ofA = tokenIn(await firstAdRequest(visitor.page));
    await visitor.logOut();
    assert.equal(await stored(), undefined);
    await visitor.logIn('bob@example.com', '/prebid');
    const ofB = tokenIn(await firstAdRequest(visitor.page));
    assert.ok(ofB);
    assert.notEqual(ofB, ofA);
  });

  test('a store that was cleared is filled by the web tier', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/prebid');
    await visitor.waitForState('Identity available');
    await visitor.page.evaluate(() => localStorage.clear());
    await visitor.open('/prebid');
    await visitor.waitForState('Identity available');
  });
});
