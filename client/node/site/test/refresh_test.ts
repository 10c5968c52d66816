// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page, Request } from 'playwright-core';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, spied, tokenIn } from './support/page_spy.ts';

const STORE = 'UID2-sdk-identity';

/** Waits until the page has stored another advertising token than this one. */
async function nextToken(page: Page, token: unknown): Promise<string> {
  const handle = await page.waitForFunction(
    ([key, old]) => {
      const identity = JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, string>;
      const { advertising_token } = identity;
      return advertising_token && advertising_token !== old ? advertising_token : undefined;
    },
    [STORE, token] as [string, unknown],
  );
  return (await handle.jsonValue()) ?? '';
}

describe('refresh in the page (3-a, 3-b)', () => {
  // Due at once, so that the SDK refreshes at its next look, every 5 s; good for long.
  const site = useSite({
    lifetimes: { refreshFromMs: 500, identityMs: 30_000, refreshMs: 60_000 },
  });

  test('the SDK refreshes at the operator, and the next ad request has the new token', async () => {
    const { visitor, stack } = site;
    const refreshes: Request[] = [];
    visitor.page.on('request', (request) => {
      if (request.url().startsWith(stack.uid2.url)) refreshes.push(request);
    });
    await visitor.logIn('ada@example.com');
    const first = tokenIn(await firstAdRequest(visitor.page));
    const given = JSON.parse(
      (await visitor.page.locator('#identity').textContent()) ?? '',
    ) as Record<string, string>;
    const second = await nextToken(visitor.page, first);

    assert.match(refreshes[0]?.url() ?? '', /\/v2\/token\/refresh\?client=/);
    assert.equal(refreshes[0]?.postData(), given['refresh_token']);
    await visitor.page.click('[data-request-ads]');
    const { requests } = await spied(visitor.page);
    assert.equal(tokenIn(requests.at(-1)), second);
  });

  test('a refresh that fails is tried again, and the token is used meanwhile', async () => {
    const { visitor, stack } = site;
    await stack.uid2.addFault({ kind: 'reply', code: 500, endpoint: 'refresh', times: 1 });
    await visitor.logIn('ada@example.com');
    const first = tokenIn(await firstAdRequest(visitor.page));
    await stack.uid2.waitFor('faults.reply>=1');
    await visitor.page.click('[data-request-ads]');
    assert.equal(tokenIn((await spied(visitor.page)).requests.at(-1)), first);
    assert.notEqual(await nextToken(visitor.page, first), first);
  });

  test('an opt-out at a refresh stops targeting and asks for no login', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('refresh-optout@example.com');
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    await visitor.waitForState('Opted out');
    await visitor.page.click('[data-request-ads]');
    assert.deepEqual((await spied(visitor.page)).requests.at(-1), { user: { eids: [] } });
    assert.equal((await visitor.stored(STORE))?.['status'], 'optout');

    await stack.uid2.resetCounters();
    await visitor.open('/client-server');
    await visitor.waitForState('Opted out');
    assert.equal(await stack.uid2.calls('refresh'), 0);
  });

  test('logout while a refresh hangs leaves nothing behind, on this page and the next', async () => {
    const { visitor, stack } = site;
    await stack.uid2.addFault({ kind: 'delay', ms: '20000', endpoint: 'refresh' });
    await stack.uid2.resetCounters();
    await visitor.logIn('ada@example.com');
    await stack.uid2.waitFor('calls.in_progress>=1');
    const asked: string[] = [];
    visitor.page.on('request', (request) => {
      if (request.url().includes('/identity/')) asked.push(request.url());
    });
    await visitor.page.evaluate((key) => {
      const forms: { submit: (this: HTMLFormElement) => void } = HTMLFormElement.prototype;
      const { submit } = forms;
      forms.submit = function () {
        sessionStorage.setItem('left', localStorage.getItem(key) ?? 'nothing');
        submit.call(this);
      };
    }, STORE);
    await visitor.logOut();
    assert.equal(await visitor.page.evaluate(() => sessionStorage.getItem('left')), 'nothing');
    // The SDK says that it has no identity: that is no reason to fetch one.
    assert.deepEqual(asked, []);
    assert.equal(await visitor.stored(STORE), undefined);
    await visitor.open('/client-server');
    await visitor.page.waitForLoadState('networkidle');
    assert.equal(await visitor.stored(STORE), undefined);
  });

  test('user B after user A, whose refresh hung, never has A’s token', async () => {
    const { visitor, stack } = site;
    await stack.uid2.resetCounters();
    await stack.uid2.addFault({ kind: 'delay', ms: '20000', endpoint: 'refresh', times: 1 });
    await visitor.logIn('ada@example.com');
    const ofA = tokenIn(await firstAdRequest(visitor.page));
    await stack.uid2.waitFor('calls.in_progress>=1');
    await visitor.logOut();
    await visitor.logIn('bob@example.com');
    const ofB = tokenIn(await firstAdRequest(visitor.page));
    assert.ok(ofB);
    assert.notEqual(ofB, ofA);
    const next = await nextToken(visitor.page, ofB);
    assert.notEqual(next, ofA);
  });

  test('two tabs: what one refreshes is used by the other', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    const other = await visitor.newTab();
    await visitor.open('/client-server', other);
    await visitor.waitForState('Identity available', other);
    const first = (await visitor.stored(STORE))?.['advertising_token'];
    const second = await nextToken(other, first);
    await visitor.page.waitForFunction((token) => {
      const { __uid2 } = window as unknown as { __uid2: { getAdvertisingToken(): string } };
      return (
        __uid2.getAdvertisingToken() === token ||
        localStorage.getItem('UID2-sdk-identity')?.includes(token) === false
      );
    }, second);
  });
});

describe('an identity whose times pass', () => {
  const site = useSite({ lifetimes: { refreshFromMs: 500, identityMs: 3_000, refreshMs: 4_500 } });

  test('a token whose time is over is in no ad request, also once its refresh token is dead', async () => {
    const { visitor, stack } = site;
    await stack.uid2.addFault({ kind: 'reply', code: 503, endpoint: 'refresh' });
    await visitor.logIn('ada@example.com');
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    await visitor.waitForState('Login required');
    await visitor.page.click('[data-request-ads]');
    assert.deepEqual((await spied(visitor.page)).requests.at(-1), { user: { eids: [] } });
    assert.equal(await visitor.page.locator('.life').getAttribute('data-stage'), 'ended');
  });

  test('server-side: a token that cannot be refreshed any more asks for a login', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('ada@example.com', '/server-side');
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    await visitor.page.waitForFunction(
      () => document.querySelector('.life')?.getAttribute('data-stage') === 'ended',
    );
    await visitor.open('/server-side');
    assert.match(await visitor.page.locator('[data-outcome]').innerText(), /Login required/);
    assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
    assert.ok(stack);
  });
});
