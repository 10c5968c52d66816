// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';

describe('single sign-on', () => {
  const site = useSite();

  const signOn = async (account: string, next = '/client-server') => {
    const { page } = site.visitor;
    await site.visitor.open(`/login?next=${encodeURIComponent(next)}`);
    await page.click('text=Log in by single sign-on');
    await page.click(`button[value=${account}]`);
    await page.click('button[name=allow]');
    await page.waitForURL((url) => url.href.startsWith(site.stack.url));
  };

  for (const [account, first] of [
    ['ada', 'A4'],
    ['dan', 'B4'],
  ] as const) {
    test(`${account}, whom the provider has verified, gets an identity`, async () => {
      await signOn(account);
      assert.ok(tokenIn(await firstAdRequest(site.visitor.page))?.startsWith(first));
    });
  }

  for (const [account, reason] of [
    ['ben', 'has not verified the email address'],
    ['cleo', 'behind a relay address'],
    ['eva', 'has not verified the email address'],
    ['fay', 'no verified email address or phone number'],
  ] as const) {
    test(`${account} is logged in without an identity: ${reason}`, async () => {
      const { visitor, stack } = site;
      await stack.uid2.resetCounters();
      await signOn(account, '/identity');
      await visitor.page.waitForSelector(`text=${reason}`);
      assert.equal(await visitor.page.locator('#logout').count(), 1);
      await visitor.open('/client-server');
      assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
      await visitor.waitForState('No identity');
      await visitor.page.waitForSelector(`[data-state] >> text=${reason}`);
      assert.equal(await stack.uid2.calls('generate'), 0);
    });
  }

  test('an ID token with another nonce logs nobody in', async () => {
    const { visitor, stack } = site;
    await stack.uid2.resetCounters();
    await visitor.page.route(/\/sso\/login/, async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      const location = new URL(response.headers()['location'] ?? '');
      location.searchParams.set('nonce', 'of-another-login');
      await route.fulfill({
        response,
        headers: { ...response.headers(), location: location.href },
      });
    });
    await signOn('ada');
    await visitor.page.waitForSelector('text=Nobody was logged in');
    assert.equal(await visitor.page.locator('#logout').count(), 0);
    assert.equal(await stack.uid2.calls('generate'), 0);
  });

  test('a callback that nobody asked for logs nobody in', async () => {
    const { visitor } = site;
    await visitor.open('/sso/callback?code=stolen&state=guessed');
    assert.equal(await visitor.page.locator('#logout').count(), 0);
  });

  test('a user who says no at the provider is told so, and may try again', async () => {
    const { visitor } = site;
    await visitor.open('/login');
    await visitor.page.click('text=Log in by single sign-on');
    await visitor.page.click('button[value=ada]');
    await visitor.page.click('text=Cancel');
    await visitor.page.waitForSelector('text=Nobody was logged in');
  });
});

describe('a provider that is down', () => {
  const site = useSite({
    env: { SSO_ISSUER: 'http://127.0.0.1:9', SSO_CLIENT_ID: 'site', SSO_CLIENT_SECRET: 'secret' },
  });

  test('says so, and offers the other way', async () => {
    const { visitor } = site;
    await visitor.open('/login');
    await visitor.page.click('text=Log in by single sign-on');
    await visitor.page.waitForSelector('text=Log in with your password instead');
  });
});
