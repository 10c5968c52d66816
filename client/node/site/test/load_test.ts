// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStack, type Stack } from './support/stack.ts';

const LOGINS = 1_000;
const AT_ONCE = 20;

/** What a browser would keep and send back. */
function cookieOf(reply: Response): string {
  return reply.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

describe('a thousand logins of different users', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({
      env: { SITE_LOGINS_PER_ADDRESS: '1000000', SITE_LOGINS_PER_ACCOUNT: '10' },
    });
  });
  after(() => stack.stop());

  const logIn = async (login: string): Promise<Response> => {
    const form = await fetch(`${stack.url}/login`);
    const csrf = /name="_csrf" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
    return fetch(`${stack.url}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: cookieOf(form) },
      body: new URLSearchParams({ _csrf: csrf, login, password: 'demo', next: '/server-side' }),
    });
  };

  test('cost less than a minute of a processor, and each has a token of its own', async () => {
    const before = process.cpuUsage();
    const tokens = new Set<string>();
    let next = 0;
    const visitor = async () => {
      for (let i = next++; i < LOGINS; i = next++) {
        const reply = await logIn(`user${i}@example.com`);
        assert.equal(reply.status, 303);
        const page = await fetch(`${stack.url}/server-side`, {
          headers: { cookie: cookieOf(reply) },
        });
        tokens.add(/"id":"(A4[\w-]+)"/.exec(await page.text())?.[1] ?? '');
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, visitor));
    // A minute of this process, which is the site and its visitors; others may use the machine.
    const { user, system } = process.cpuUsage(before);
    assert.ok((user + system) / 1e6 < 60);
    tokens.delete('');
    assert.equal(tokens.size, LOGINS);
    assert.equal(await stack.uid2.calls('generate'), LOGINS);
  });
});
