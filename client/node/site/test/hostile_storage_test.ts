// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';

const COOKIE = '__uid_2';
const STORE = 'UID2-sdk-identity';
const IN_AN_HOUR = Date.now() + 3_600_000;

/** As the SDK would write the identity of somebody else. */
const FOREIGN = encodeURIComponent(
  JSON.stringify({
    advertising_token: 'of-somebody-else',
    refresh_token: 'x',
    refresh_response_key: 'x',
    refresh_from: IN_AN_HOUR,
    identity_expires: IN_AN_HOUR,
    refresh_expires: IN_AN_HOUR,
  }),
);

describe('what others have left in the browser', () => {
  const site = useSite();

  for (const [what, value] of [
    ['a cookie that breaks the SDK', 'a=b={'],
    ['a cookie with the identity of somebody else', FOREIGN],
  ] as const) {
    for (const path of ['/', '/client-server']) {
      test(`${what}, for ${path}: the page has its own user’s token`, async () => {
        const { visitor } = site;
        const { hostname: domain } = new URL(visitor.url);
        await visitor.context.addCookies([{ name: COOKIE, value, domain, path }]);
        await visitor.logIn('ada@example.com');
        assert.match(tokenIn(await firstAdRequest(visitor.page)) ?? '', /^A4/);
        await visitor.open('/client-server');
        assert.match(tokenIn(await firstAdRequest(visitor.page)) ?? '', /^A4/);
      });
    }
  }

  test('a store that is no JSON does not stop the SDK', async () => {
    const { visitor } = site;
    await visitor.open('/');
    await visitor.page.evaluate((name) => localStorage.setItem(name, '{"a":'), STORE);
    await visitor.logIn('ada@example.com');
    await visitor.waitForState('Identity available');
  });
});
