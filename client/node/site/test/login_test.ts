// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_WAIT_MS } from './support/browser.ts';
import { useSite } from './support/fixture.ts';
import { firstAdRequest, tokenIn } from './support/page_spy.ts';

describe('login', () => {
  const site = useSite();

  const fill = async (login: string, password: string) => {
    await site.visitor.open('/login');
    await site.visitor.page.fill('#login', login);
    await site.visitor.page.fill('#password', password);
  };
  const submit = () => site.visitor.page.click('main form button');

  test('1-a to 1-c: a wrong password asks nothing of the service', async () => {
    const { visitor, stack } = site;
    await stack.uid2.resetCounters();
    await fill('ada@example.com', 'wrong');
    await submit();
    await visitor.page.waitForSelector('[role=alert] >> text=do not match');
    assert.equal(await stack.uid2.calls('generate'), 0);
    assert.equal(await visitor.page.inputValue('#login'), 'ada@example.com');
  });

  test('a phone number as people write it', async () => {
    const { visitor } = site;
    await visitor.logIn('+1 (234) 567-8901');
    assert.match(tokenIn(await firstAdRequest(visitor.page)) ?? '', /^B4/);
  });

  for (const [login, message] of [
    ['not an address', 'not an email address'],
    ['+1 23', 'not a phone number'],
  ] as const) {
    test(`"${login}" is refused in words, and nobody is logged in`, async () => {
      const { visitor } = site;
      await fill(login, 'demo');
      await submit();
      await visitor.page.waitForSelector(`[role=alert] >> text=${message}`);
      assert.equal(await visitor.page.locator('#logout').count(), 0);
    });
  }

  test('a double click sends the form once', async () => {
    const { visitor, stack } = site;
    await stack.uid2.resetCounters();
    await stack.uid2.addFault({ kind: 'delay', ms: '300', endpoint: 'generate' });
    await fill('ada@example.com', 'demo');
    await visitor.page.dblclick('main form button');
    await visitor.page.waitForSelector('#logout');
    assert.equal(await stack.uid2.calls('generate'), 1);
  });

  test('a double submit without the page’s script ends in one session that works', async () => {
    const { visitor } = site;
    await fill('ada@example.com', 'demo');
    await visitor.page.evaluate(() => {
      const form = document.querySelector<HTMLFormElement>('main form');
      form?.submit();
      form?.submit();
    });
    await visitor.page.waitForSelector('#logout');
    await visitor.open('/client-server');
    assert.ok(tokenIn(await firstAdRequest(visitor.page)));
  });

  test('after a login the address bar cannot be led to another site', async () => {
    const { visitor } = site;
    await visitor.open(`/login?next=${encodeURIComponent('//evil.example/')}`);
    assert.equal(await visitor.page.inputValue('[name=next]'), '/identity');
  });

  test('a form of an earlier session is refused, and says what to do', async () => {
    const { visitor } = site;
    await fill('ada@example.com', 'demo');
    await visitor.context.clearCookies();
    await submit();
    await visitor.page.waitForSelector('text=This form is out of date');
  });

  test('a login in one tab takes the form away in the others: users change by a logout', async () => {
    const { visitor } = site;
    await fill('bob@example.com', 'demo');
    const tab = await visitor.newTab();
    await visitor.logIn('ada@example.com', '/identity', tab);
    await visitor.page.waitForURL(`${visitor.url}/`);
    assert.equal(await visitor.page.locator('.who .name').innerText(), 'ada@example.com');
  });

  test('the session cookie is out of reach: HttpOnly, Secure, SameSite=Lax, this host only', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    const cookies = await visitor.context.cookies();
    assert.deepEqual(
      cookies.map(({ name, httpOnly, secure, sameSite, path }) => ({
        name,
        httpOnly,
        secure,
        sameSite,
        path,
      })),
      [{ name: '__Host-session', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' }],
    );
    assert.ok((cookies[0]?.value.length ?? 0) < 4000);
  });
});

describe('sessions', () => {
  const site = useSite();

  test('4-a: the back button shows no identity after a logout', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    await visitor.waitForState('Identity available');
    await visitor.logOut();
    await visitor.page.goBack();
    await visitor.page.waitForSelector('text=The SDK has been told to forget');
    assert.equal(await visitor.stored('UID2-sdk-identity'), undefined);
    assert.equal(await visitor.page.locator('#identity').count(), 0);
  });

  test('a logout in one tab logs the others out', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    const other = await visitor.newTab();
    await visitor.open('/client-server', other);
    await visitor.logOut();
    await other.waitForSelector('text=The SDK has been told to forget');
    assert.equal(await visitor.stored('UID2-sdk-identity'), undefined);
  });

  test('a cookie that was copied before the logout is of no use after it', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    const cookies = await visitor.context.cookies();
    await visitor.logOut();
    await visitor.context.addCookies(cookies);
    await visitor.open('/identity');
    assert.equal(await visitor.page.locator('#logout').count(), 0);
  });

  test('a page view that answers after the logout does not bring the session back', async () => {
    const { visitor, stack } = site;
    await visitor.logIn('ada@example.com', '/identity');
    await stack.uid2.addFault({ kind: 'delay', ms: '200', endpoint: 'refresh' });
    await stack.uid2.resetCounters();
    const tab = await visitor.newTab();
    await visitor.open('/identity', tab);
    const late = tab.click('main form button'); // "Refresh now"
    await stack.uid2.waitFor('calls.in_progress>=1');
    await visitor.logOut();
    await late;
    await tab.waitForLoadState();
    await visitor.open('/identity');
    assert.equal(await visitor.page.locator('#logout').count(), 0);
  });

  test('hostile cookies: a page without a user, and no error', async () => {
    const { stack } = site;
    for (const value of [
      '',
      'x',
      'AAAA;BBBB',
      '%00%ff',
      'a'.repeat(4000),
      `${'A'.repeat(64)}%3B${'A'.repeat(32)}`,
    ]) {
      const reply = await fetch(`${stack.url}/identity`, {
        headers: { cookie: `__Host-session=${value}` },
      });
      assert.equal(reply.status, 200, value.slice(0, 20));
      assert.match(await reply.text(), /Log in/);
    }
  });
});

describe('a session that expires', () => {
  const site = useSite({ env: { SITE_SESSION_SECONDS: '8' } });

  test('asks for a login, and the page forgets its identity', async () => {
    const { visitor } = site;
    await visitor.logIn('ada@example.com');
    await visitor.waitForState('Identity available');
    // Browsers drop a cookie as its time is over.
    const until = Date.now() + MAX_WAIT_MS;
    while ((await visitor.context.cookies()).length > 0) assert.ok(Date.now() < until);
    await visitor.open('/client-server');
    await visitor.page.waitForSelector('text=The SDK has been told to forget');
    await visitor.page.waitForFunction(() => !localStorage.getItem('UID2-sdk-identity'));
  });
});

describe('the limits on logins', () => {
  const site = useSite({ env: { SITE_LOGINS_PER_ACCOUNT: '2', SITE_LOGINS_PER_ADDRESS: '4' } });

  const attempt = async (login: string) => {
    await site.visitor.open('/login');
    await site.visitor.page.fill('#login', login);
    await site.visitor.page.fill('#password', 'wrong');
    const [reply] = await Promise.all([
      site.visitor.page.waitForResponse((one) => one.request().method() === 'POST'),
      site.visitor.page.click('main form button'),
    ]);
    await site.visitor.page.waitForSelector('[role=alert]');
    return reply;
  };

  test('by account, however it is written, then by address; both say when to try again', async () => {
    const { visitor } = site;
    assert.equal((await attempt('ada@example.com')).status(), 401);
    assert.equal((await attempt('ADA@example.com')).status(), 401);
    const byAccount = await attempt('Ada@Example.com');
    assert.equal(byAccount.status(), 429);
    assert.match(byAccount.headers()['retry-after'] ?? '', /^\d+$/);
    assert.match(await visitor.page.innerText('[role=alert]'), /Try again in \d+ seconds/);
    assert.equal((await attempt('bob@example.com')).status(), 401);
    assert.equal((await attempt('cem@example.com')).status(), 429);
  });
});
