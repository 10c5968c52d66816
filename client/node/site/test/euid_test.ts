// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';

const STORE = 'EUID-sdk-identity';

describe('EUID with consent', () => {
  const site = useSite({
    lifetimes: { refreshFromMs: 500, identityMs: 30_000, refreshMs: 60_000 },
  });

  test('without a choice nothing is asked of the service', async () => {
    const { visitor, stack } = site;
    await stack.euid.resetCounters();
    await visitor.logIn('ada@example.com', '/euid');
    assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
    assert.equal(await stack.euid.calls('generate'), 0);
  });

  test('with consent an identity is issued, used and refreshed in the page', async () => {
    const { visitor, stack } = site;
    await stack.euid.resetCounters();
    await visitor.logIn('ada@example.com', '/euid');
    await visitor.page.click('[data-choice=all]');
    await visitor.waitForState('Identity available');
    const request = await firstAdRequest(visitor.page);
    assert.equal(request.user.eids?.[0]?.source, 'euid.eu');
    assert.match(tokenIn(request) ?? '', /^E4/);
    await stack.euid.waitFor('endpoints.refresh.begun>=1');
    assert.equal(await stack.euid.calls('generate'), 1);
  });

  test('insufficient consent is shown as such, and no token goes into an ad request', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/euid');
    await visitor.page.click('[data-choice=few]');
    await visitor.page.waitForSelector('text=Insufficient consent');
    assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
  });

  test('consent withdrawn: the web tier drops the identity and the page forgets it', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('ada@example.com', '/euid');
    await visitor.page.click('[data-choice=all]');
    await visitor.waitForState('Identity available');
    await visitor.page.click('[data-choice=few]');
    await visitor.page.waitForSelector('text=Insufficient consent');
    assert.equal(await visitor.stored(STORE), undefined);
    await stack.euid.resetCounters();
    await visitor.open('/euid');
    assert.deepEqual(await firstAdRequest(visitor.page), { user: { eids: [] } });
    assert.equal(await stack.euid.calls('refresh'), 0);
  });

  test('a choice made before is sent after the next login', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/euid');
    await visitor.page.click('[data-choice=all]');
    await visitor.waitForState('Identity available');
    await visitor.logOut();
    assert.equal(await visitor.stored(STORE), undefined);
    await visitor.logIn('bob@example.com', '/euid');
    await visitor.waitForState('Identity available');
  });

  test('opted out: the record replaces what was stored', async () => {
    const { visitor } = site;
    await visitor.logIn('optout@example.com', '/euid');
    await visitor.page.click('[data-choice=all]');
    await visitor.waitForState('Opted out');
    assert.equal((await visitor.stored(STORE))?.['status'], 'optout');
  });

  test('a string that is no TCF string is refused in words', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com', '/euid');
    await visitor.page.evaluate(() => {
      const form = document.querySelector<HTMLFormElement>('#consent');
      if (!form) throw new Error('there is one');
      (form.elements.namedItem('tc_string') as HTMLInputElement).value = 'not a consent string';
      form.submit();
    });
    await visitor.page.waitForSelector('text=no valid TCF string');
  });
});

describe('a site without EUID', () => {
  const site = useSite({ env: { EUID_PARTICIPANT: '' } });

  test('says how to configure it', async () => {
    const { visitor } = site;
    await visitor.open('/euid');
    await visitor.page.waitForSelector('text=Set EUID_PARTICIPANT');
  });
});
