// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { spied } from './support/page_spy.ts';

const CACHE = '_GESPSK-uidapi.com';

describe('Google Ad Manager secure signals', () => {
  const site = useSite();

  const firstSignals = async () => {
    const { page } = site.visitor;
    await page.waitForFunction(() => {
      return (window as unknown as { spied: { signals: unknown[] } }).spied.signals.length > 0;
    });
    return (await spied(page)).signals[0];
  };

  for (const path of ['/secure-signals', '/secure-signals/server']) {
    test(`${path}: the publisher tag is handed the token, under the right name and nothing else`, async () => {
      const { visitor } = site;
      await visitor.logIn('ada@example.com', '/secure-signals');
      await visitor.open(path);
      const [signal] = (await firstSignals()) ?? [];
      assert.equal(signal?.id, 'uidapi.com');
      assert.match(signal?.token ?? '', /^A4[\w-]{200,}$/);
      const { providers } = await spied(visitor.page);
      for (const keys of providers) assert.deepEqual(keys.sort(), ['collectorFunction', 'id']);
    });
  }

  test('user B after user A: the cache is cleared at logout and at login', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/secure-signals');
    const [ofA] = (await firstSignals()) ?? [];
    assert.ok(await visitor.page.evaluate((key) => localStorage.getItem(key), CACHE));
    await visitor.logOut();
    assert.equal(await visitor.page.evaluate((key) => localStorage.getItem(key), CACHE), null);
    // What a tag that loaded late may have written after that.
    await visitor.page.evaluate(
      ([key, token]) =>
        localStorage.setItem(key ?? '', JSON.stringify(['uidapi.com', token, Date.now()])),
      [CACHE, ofA?.token] as const,
    );
    await visitor.logIn('bob@example.com', '/secure-signals');
    const [ofB] = (await firstSignals()) ?? [];
    assert.equal(ofB?.cached, false);
    assert.notEqual(ofB?.token, ofA?.token);
  });

  test('opted out: no signal', async () => {
    const { visitor } = site;
    await visitor.logIn('optout@example.com', '/secure-signals');
    const signals = (await firstSignals()) ?? [];
    assert.ok(signals.every(({ token }) => token === undefined));
    await visitor.open('/secure-signals/server');
    const [signal] = (await firstSignals()) ?? [];
    assert.equal(signal?.token, undefined);
    assert.equal(await visitor.page.evaluate((key) => localStorage.getItem(key), CACHE), null);
  });

  test('the token endpoint answers 401 without a session and 403 to other sites', async () => {
    const { visitor, stack } = site;
    await visitor.open('/secure-signals');
    const status = await visitor.page.evaluate(async () => {
      const reply = await fetch('/secure-signals/token', { method: 'POST' });
      return [reply.status, reply.headers.get('cache-control')];
    });
    assert.deepEqual(status, [401, 'no-store']);
    const other = await fetch(`${stack.url}/secure-signals/token`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    assert.equal(other.status, 403);
  });
});
