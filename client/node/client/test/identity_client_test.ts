// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, beforeEach, test, type TestContext } from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import { IdentityClient } from '../src/identity_client.ts';
import { IdentityError } from '../src/identity_error.ts';
import { Relay } from './support/relay.ts';
import { cancelled, ScriptedServer, type Generate } from './support/scripted_server.ts';

const EMAIL = { email: 'user@example.com' };
// For what waits for something to happen.
const LIMITED = { timeout: 30_000 };
const UNAVAILABLE: Generate = (_, answer) => answer({ code: status.UNAVAILABLE, details: 'no' });

const server = await ScriptedServer.start();
const client = new IdentityClient({ address: server.address });
after(() => {
  client.close();
  server.kill();
});

beforeEach(() => {
  server.calls = 0;
});

async function failure(call: Promise<unknown>): Promise<IdentityError> {
  const error: unknown = await call.then(
    () => assert.fail('the call did not fail'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof IdentityError, String(error));
  return error;
}

/** A server and a client of the test's own, gone with it. */
async function ownServer(context: TestContext): Promise<ScriptedServer> {
  const own = await ScriptedServer.start();
  context.after(() => own.kill());
  return own;
}

function ownClient(context: TestContext, address: string): IdentityClient {
  const own = new IdentityClient({ address });
  context.after(() => own.close());
  return own;
}

test('every field of a request arrives', async () => {
  const arrived: unknown[] = [];
  server.generate = ({ request }, answer) => {
    arrived.push(request);
    answer(null, { outcome: 'OPTED_OUT' });
  };
  server.refresh = ({ request }, answer) => {
    arrived.push(request);
    answer(null, { outcome: 'LOGIN_REQUIRED' });
  };
  await client.generateIdentity({ emailHash: 'h', tcfConsentString: 'C', participant: 'brand' });
  await client.refreshIdentity({ identityJson: '{}', participant: 'brand', force: true });
  assert.deepEqual(
    arrived.map((request) => ({ ...(request as object) })),
    [
      {
        email: '',
        phone: '',
        emailHash: 'h',
        phoneHash: '',
        tcfConsentString: 'C',
        participant: 'brand',
      },
      { identityJson: '{}', participant: 'brand', force: true },
    ],
  );
});

test('the caller’s trace goes along', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  let arrived: unknown;
  server.generate = ({ metadata }, answer) => {
    arrived = metadata.get('traceparent');
    answer(null, { outcome: 'OPTED_OUT' });
  };
  await client.generateIdentity(EMAIL, { traceparent });
  assert.deepEqual(arrived, [traceparent]);
});

for (const [situation, response] of [
  ['an outcome of a newer service', { outcome: 99 }],
  ['no outcome', {}],
  ['an outcome without its identity', { outcome: 'ISSUED' }],
] as const) {
  test(`${situation} is an error, not an outcome that the types do not have`, async () => {
    server.generate = (_, answer) => answer(null, response as never);
    assert.equal((await failure(client.generateIdentity(EMAIL))).code, 'INTERNAL');
  });
}

test('an UNAVAILABLE is tried again, three times in all', async (context) => {
  const own = ownClient(context, server.address);
  server.generate = (call, answer) =>
    server.calls < 3 ? UNAVAILABLE(call, answer) : answer(null, { outcome: 'OPTED_OUT' });
  assert.deepEqual(await own.generateIdentity(EMAIL), { outcome: 'OPTED_OUT' });
  server.generate = UNAVAILABLE;
  server.calls = 0;
  assert.equal((await failure(own.generateIdentity(EMAIL))).code, 'UNAVAILABLE');
  assert.equal(server.calls, 3);
});

test('in an outage the retries stop', async (context) => {
  const own = ownClient(context, server.address);
  server.generate = UNAVAILABLE;
  for (let calls = 0; calls < 10; ++calls) await failure(own.generateIdentity(EMAIL));
  assert.ok(server.calls <= 15, `${server.calls} attempts at 10 calls`);
});

test('what is no fault of the moment is not tried again', async () => {
  server.generate = (_, answer) => answer({ code: status.INVALID_ARGUMENT, details: 'no' });
  assert.equal((await failure(client.generateIdentity(EMAIL))).code, 'INVALID_ARGUMENT');
  assert.equal(server.calls, 1);
});

test('details that cannot be read leave the code and the message', async () => {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from('nonsense'));
  server.generate = (_, answer) => answer({ code: status.INTERNAL, details: 'why', metadata });
  const error = await failure(client.generateIdentity(EMAIL));
  assert.deepEqual(
    [error.code, error.message, error.reason, error.fieldViolations, error.retryAfterMs],
    ['INTERNAL', 'why', undefined, [], undefined],
  );
});

test('a call ends with its time, on the server too', LIMITED, async () => {
  let gone: Promise<void> | undefined;
  server.generate = (call) => {
    gone = cancelled(call);
  };
  const error = await failure(client.generateIdentity(EMAIL, { timeoutMs: 100 }));
  assert.equal(error.code, 'DEADLINE_EXCEEDED');
  assert.equal(error.reason, undefined);
  await gone;
});

test(
  'an aborted call is rejected with the signal’s reason and ends on the server',
  LIMITED,
  async () => {
    const controller = new AbortController();
    const reason = new Error('the visitor has left');
    const gone = new Promise<void>((resolve) => {
      server.generate = (call) => {
        void cancelled(call).then(resolve);
        controller.abort(reason);
      };
    });
    const { signal } = controller;
    // Far more than the test waits: it is not the time that ends the call.
    const call = client.generateIdentity(EMAIL, { signal, timeoutMs: 600_000 });
    await assert.rejects(call, (error) => error === reason);
    await gone;
  },
);

test('a signal that was aborted before sends nothing', async () => {
  const signal = AbortSignal.abort();
  await assert.rejects(client.generateIdentity(EMAIL, { signal }), { name: 'AbortError' });
  assert.equal(server.calls, 0);
});

test('the environment’s proxies are not used', async (context) => {
  process.env['grpc_proxy'] = 'http://127.0.0.1:1';
  context.after(() => delete process.env['grpc_proxy']);
  server.generate = (_, answer) => answer(null, { outcome: 'OPTED_OUT' });
  await ownClient(context, server.address).generateIdentity(EMAIL);
});

test('one signal may serve many calls without holding on to them', async () => {
  const { signal } = new AbortController();
  const added = listenersOn(signal);
  server.generate = (_, answer) => answer(null, { outcome: 'OPTED_OUT' });
  for (let calls = 0; calls < 5; ++calls) await client.generateIdentity(EMAIL, { signal });
  assert.equal(added(), 0);
});

/** How many listeners are on the signal that were added from now on. */
function listenersOn(signal: AbortSignal): () => number {
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (++count, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (--count, remove(...args));
  return () => count;
}

test('where nobody listens the call fails as UNAVAILABLE without a reason', async (context) => {
  const gone = await ScriptedServer.start();
  gone.kill();
  const error = await failure(ownClient(context, gone.address).generateIdentity(EMAIL));
  assert.deepEqual([error.code, error.reason], ['UNAVAILABLE', undefined]);
});

test('calls go to all addresses, none lost when a replica dies', LIMITED, async (context) => {
  const replicas = [await ownServer(context), await ownServer(context)] as const;
  const relays = await Promise.all(replicas.map(({ port }) => Relay.start(port)));
  context.after(() => relays.forEach((relay) => relay.close()));
  const own = ownClient(context, `ipv4:${relays.map(({ address }) => address).join(',')}`);
  // The first calls go to whichever replica was connected first.
  while (replicas.some(({ calls }) => calls < 5)) await own.generateIdentity(EMAIL);
  let deaths = 0;
  replicas[0].generate = () => {
    ++deaths;
    relays[0]?.close();
  };
  for (let calls = 0; calls < 10; ++calls) await own.generateIdentity(EMAIL);
  assert.equal(deaths, 1, 'no call was in flight there');
});

test('a connection that is dead without a word is noticed', LIMITED, async (context) => {
  const own = await ownServer(context);
  const relay = await Relay.start(own.port);
  context.after(() => relay.close());
  const caller = ownClient(context, relay.address);
  await caller.generateIdentity(EMAIL);
  relay.silenceOpenConnections();
  // Pinged 5 s after the last sign of life, and given up 2 s later.
  await caller.generateIdentity(EMAIL, { timeoutMs: 20_000 });
  assert.equal(relay.connections, 2);
});

test('a closed client lets its calls end', async (context) => {
  const own = ownClient(context, server.address);
  let finish = (): void => assert.fail('no call arrived');
  const arrived = new Promise<void>((resolve) => {
    server.generate = (_, answer) => {
      finish = () => answer(null, { outcome: 'OPTED_OUT' });
      resolve();
    };
  });
  const call = own.generateIdentity(EMAIL);
  await arrived;
  own.close();
  finish();
  assert.deepEqual(await call, { outcome: 'OPTED_OUT' });
  assert.equal((await failure(own.generateIdentity(EMAIL))).code, 'UNAVAILABLE');
});

for (const [situation, options, complaint] of [
  ['an empty address', { address: '' }, /address is empty/],
  ['a time of nothing', { address: 'a:1', timeoutMs: 0 }, /timeoutMs must be more than 0/],
  ['a time that is no number', { address: 'a:1', timeoutMs: NaN }, /timeoutMs must be/],
  ['no time to check files', { address: 'a:1', filesCheckMs: -1 }, /filesCheckMs must be/],
] as const) {
  test(`${situation} is refused when the client is made`, () => {
    assert.throws(() => new IdentityClient(options), { message: complaint });
  });
}

test('a time of a call is checked too', async () => {
  await assert.rejects(client.generateIdentity(EMAIL, { timeoutMs: -1 }), RangeError);
});
