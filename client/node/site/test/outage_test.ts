// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';

// What a page view may cost beyond its deadline on a machine that is busy.
const DEADLINE_MS = 300;
const SLACK_MS = 1_500;

/** How long the server takes for a page, in the eyes of the browser. */
async function timed(open: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await open();
  return performance.now() - start;
}

describe('an outage', () => {
  const site = useSite({
    lifetimes: { refreshFromMs: 200, identityMs: 60_000, refreshMs: 120_000 },
  });

  const viewServerSide = async () => {
    const { visitor } = site;
    const reply = await visitor.page.goto(`${visitor.url}/server-side`);
    assert.equal(reply?.status(), 200);
  };
  const outcome = () => site.visitor.page.locator('[data-outcome]').innerText();

  test('the operator fails: the token is kept, and said to be', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('ada@example.com', '/server-side');
    const token = tokenIn(await firstAdRequest(visitor.page));
    await stack.uid2.addFault({ kind: 'reply', code: 503, endpoint: 'refresh' });
    await viewServerSide();
    await viewServerSide();
    assert.match(await outcome(), /Kept through an outage/);
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    assert.ok(token);
  });

  test('the operator hangs: pages come with the old token, and one view in two seconds waits', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('ada@example.com', '/server-side');
    await stack.uid2.addFault({ kind: 'delay', ms: '20000', endpoint: 'refresh' });
    await visitor.page.waitForSelector('.life[data-stage=due]');
    await stack.uid2.resetCounters();
    for (let view = 0; view < 3; ++view) {
      assert.ok((await timed(viewServerSide)) < DEADLINE_MS + SLACK_MS);
      assert.match(await outcome(), /Kept through an outage/);
    }
    assert.equal(await stack.uid2.calls('refresh'), 1);
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
  });

  test('the service hangs: pages come all the same, with the old token', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('ada@example.com', '/server-side');
    stack.service.freeze();
    try {
      for (const path of [
        '/server-side',
        '/identity',
        '/client-server',
        '/prebid',
        '/secure-signals',
        '/euid',
        '/',
      ]) {
        assert.ok((await timed(() => visitor.open(path))) < DEADLINE_MS + SLACK_MS, path);
      }
      await viewServerSide();
      assert.match(await outcome(), /Kept through an outage/);
      assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    } finally {
      stack.service.thaw();
    }
  });

  test('the service hangs at a login: the user is logged in, and has an identity later', async () => {
    const { visitor, stack } = site;
    stack.service.freeze();
    try {
      await visitor.logIn('ada@example.com', '/server-side');
      assert.match(await outcome(), /Not available now/);
      assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
    } finally {
      stack.service.thaw();
    }
    await visitor.page.waitForTimeout(2_100); // the site's pause after a failure
    await viewServerSide();
    assert.match(await outcome(), /Issued/);
  });
});

describe('a service that is not there', () => {
  const site = useSite({ env: { IDENTITY_SERVICE: '127.0.0.1:9' } });

  test('users log in, every page works, and ads are untargeted', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/server-side');
    assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
    for (const path of [
      '/identity',
      '/client-server',
      '/prebid',
      '/secure-signals',
      '/euid',
      '/',
    ]) {
      const reply = await visitor.page.goto(visitor.url + path);
      assert.equal(reply?.status(), 200, path);
    }
    await visitor.logOut();
  });
});
