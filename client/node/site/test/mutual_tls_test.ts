// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';

describe('a service that demands a certificate', () => {
  const site = useSite({ tlsClient: 'web-tier' });

  test('the site shows its own, and the page gets an identity', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/server-side');
    assert.match(tokenIn(await firstAdRequest(visitor.page)) ?? '', /^A4/);
  });
});

describe('a service that does not know the site', () => {
  const site = useSite({ tlsClient: 'stranger' });

  test('the login goes on without an identity, and nothing is asked of the operator', async () => {
    const { visitor, stack } = site;
    await stack.uid2.resetCounters();
    await visitor.logIn('ada@example.com', '/server-side');
    assert.equal(tokenIn(await firstAdRequest(visitor.page)), undefined);
    assert.equal(await stack.uid2.calls('generate'), 0);
  });
});
