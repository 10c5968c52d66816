// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { buildScripts } from '../built_scripts.ts';
import { readConfig } from '../config.ts';
import { ROOT } from '../site.ts';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';

describe('the SDK from an address of its own, as from the CDN', async () => {
  const script = (await buildScripts(ROOT, readConfig({}))).get('uid2-sdk.js');
  const cdn = createServer((_request, response) => {
    response.setHeader('content-type', 'text/javascript').end(script);
  });
  await new Promise<void>((resolve) => cdn.listen(0, '127.0.0.1', resolve));
  after(() => void cdn.close());
  const { port } = cdn.address() as AddressInfo;
  const UID2_SDK_URL = `http://127.0.0.1:${port}/uid2-sdk-4.0.1.js`;
  const site = useSite({ env: { UID2_SDK_URL } });

  test('runs under the page’s policy and gives the token', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
    assert.equal(await visitor.page.locator(`script[src="${UID2_SDK_URL}"]`).count(), 1);
  });
});

describe('a CDN that does not answer', () => {
  const site = useSite({ env: { UID2_SDK_URL: 'http://127.0.0.1:9/uid2-sdk-4.0.1.js' } });

  test('leaves a page that works, and can be logged out of', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    await visitor.page.waitForSelector('text=Waiting for the SDK');
    await visitor.logOut();
  });
});
