// SPDX-License-Identifier: Apache-2.0
// Against the real identity service, in front of operator emulators of both scopes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { Emulator } from '../../site/test/support/emulator.ts';
import { Service } from '../../site/test/support/service.ts';
import { IdentityClient, IdentityError, parseIdentity } from '../src/index.ts';
import type { Identity, RefreshOutcome } from '../src/index.ts';

const EMAIL = 'validate@example.com';
const EMAIL_HASH = createHash('sha256').update(EMAIL).digest('base64');
// TCF strings with all that EUID needs, and without the purpose of storing on a device.
const CONSENT = 'CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA';
const NO_PURPOSE_1 = 'CPehXK9PehXK9ABAMBFRACBoADAAAEJAAIYgAKwAQAKgArABAAqAAA';
const brand = { participant: 'uid2' } as const;

const operators = {
  uid2: await Emulator.start('UID2'),
  euid: await Emulator.start('EUID'),
};
const urls = { uid2: operators.uid2.url, euid: operators.euid.url };
const service = await Service.start(urls);
const client = new IdentityClient({ address: service.address });
after(async () => {
  client.close();
  await Promise.all([service.stop(), operators.uid2.stop(), operators.euid.stop()]);
});

async function issued(email = EMAIL): Promise<Identity> {
  const generated = await client.generateIdentity({ email, ...brand });
  assert.equal(generated.outcome, 'ISSUED');
  return generated.identity;
}

/** The identity with times of its own. */
function withTimes(identity: Identity, fields: Readonly<Record<string, number>>): string {
  return JSON.stringify({ ...(JSON.parse(identity.json) as object), ...fields });
}

async function failure(call: Promise<unknown>): Promise<IdentityError> {
  const error: unknown = await call.then(
    () => assert.fail('the call did not fail'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof IdentityError, String(error));
  return error;
}

test('an identity is issued, and its fields agree with its JSON', async () => {
  const identity = await issued();
  assert.deepEqual(parseIdentity(identity.json), identity);
  assert.ok(identity.identityExpires > Date.now());
});

for (const [outcome, request] of [
  ['OPTED_OUT', { email: 'optout@example.com', participant: 'uid2' }],
  ['ISSUED', { phone: '+12345678901', participant: 'uid2' }],
  ['ISSUED', { emailHash: EMAIL_HASH, participant: 'uid2' }],
  ['ISSUED', { email: EMAIL, tcfConsentString: CONSENT, participant: 'euid' }],
  ['INSUFFICIENT_CONSENT', { email: EMAIL, tcfConsentString: NO_PURPOSE_1, participant: 'euid' }],
] as const) {
  test(`${Object.keys(request).join(', ')} for ${request.participant}: ${outcome}`, async () => {
    assert.equal((await client.generateIdentity(request)).outcome, outcome);
  });
}

test('a fresh identity is not due, and comes back as it was sent', async () => {
  const { json } = await issued();
  const refreshed = await client.refreshIdentity({ identityJson: json, ...brand });
  assert.equal(refreshed.outcome, 'NOT_DUE');
  assert.equal(refreshed.identity.json, json);
});

test('a refresh that is asked for gives a new identity', async () => {
  const { json, advertisingToken } = await issued();
  const refreshed = await client.refreshIdentity({ identityJson: json, force: true, ...brand });
  assert.equal(refreshed.outcome, 'REFRESHED');
  assert.notEqual(refreshed.identity.advertisingToken, advertisingToken);
});

test('a user who has opted out since is told so', async () => {
  const { json } = await issued('refresh-optout@example.com');
  const refreshed = await client.refreshIdentity({ identityJson: json, force: true, ...brand });
  assert.deepEqual(refreshed, { outcome: 'OPTED_OUT' });
});

test('a refresh token that has expired needs a login', async () => {
  const longAgo = Date.now() - 60_000;
  const expired = withTimes(await issued(), {
    refresh_from: longAgo,
    identity_expires: longAgo,
    refresh_expires: longAgo,
  });
  const refreshed = await client.refreshIdentity({ identityJson: expired, ...brand });
  assert.deepEqual(refreshed, { outcome: 'LOGIN_REQUIRED' });
});

test('an identity whose refresh fails is kept, with the reason', async () => {
  const due = withTimes(await issued(), { refresh_from: Date.now() - 1 });
  await operators.uid2.addFault({ kind: 'reply', code: 503, endpoint: 'refresh', times: 3 });
  const refreshed: RefreshOutcome = await client.refreshIdentity({ identityJson: due, ...brand });
  assert.equal(refreshed.outcome, 'KEPT');
  assert.equal(refreshed.keptReason, 'OPERATOR_ERROR');
  assert.equal(refreshed.identity.json, due);
});

for (const [reason, fields, request] of [
  ['EMAIL_INVALID', ['email'], { email: 'nobody', participant: 'uid2' }],
  ['PHONE_NOT_E164', ['phone'], { phone: '12345', participant: 'uid2' }],
  ['DII_MISSING', [], { email: '', participant: 'uid2' }],
  ['PARTICIPANT_MISSING', ['participant'], { email: EMAIL }],
  ['PARTICIPANT_UNKNOWN', ['participant'], { email: EMAIL, participant: 'other' }],
] as const) {
  test(`${reason} comes with the field at fault, and quotes nothing`, async () => {
    const error = await failure(client.generateIdentity(request));
    assert.deepEqual([error.code, error.reason], ['INVALID_ARGUMENT', reason]);
    assert.deepEqual(
      error.fieldViolations.map(({ field }) => field),
      fields,
    );
    assert.ok(error.fieldViolations.every(({ description }) => description !== ''));
    assert.doesNotMatch(`${error.message} ${error.stack}`, /nobody|12345|example\.com/);
  });
}

test('an identity that is none is refused by reason and field', async () => {
  const error = await failure(client.refreshIdentity({ identityJson: '{}', ...brand }));
  assert.equal(error.reason, 'IDENTITY_MALFORMED');
  assert.equal(error.fieldViolations[0]?.field, 'identity_json');
});

test('an operator that asks to slow down says when a retry may help', async () => {
  const headers = { 'Retry-After': '7' };
  await operators.uid2.addFault({
    kind: 'reply',
    code: 429,
    headers,
    endpoint: 'generate',
    times: 3,
  });
  const error = await failure(client.generateIdentity({ email: EMAIL, ...brand }));
  assert.deepEqual([error.code, error.reason], ['UNAVAILABLE', 'OPERATOR_THROTTLED']);
  assert.ok(error.retryAfterMs !== undefined && error.retryAfterMs > 0, `${error.retryAfterMs}`);
});

test('a slow operator costs no more than the time that was given', async () => {
  await operators.uid2.addFault({ kind: 'delay', ms: '3000', endpoint: 'generate', times: 1 });
  const call = client.generateIdentity({ email: EMAIL, ...brand }, { timeoutMs: 300 });
  assert.equal((await failure(call)).code, 'DEADLINE_EXCEEDED');
});

test('a call that is aborted leaves the operator’s wire', async () => {
  const controller = new AbortController();
  await operators.uid2.resetCounters();
  await operators.uid2.addFault({ kind: 'delay', ms: '20000', endpoint: 'generate', times: 1 });
  const call = client.generateIdentity({ email: EMAIL, ...brand }, { signal: controller.signal });
  const aborted = assert.rejects(call, { name: 'AbortError' });
  await operators.uid2.waitFor('calls.in_progress>=1');
  controller.abort();
  await aborted;
  await operators.uid2.waitFor('calls.aborted>=1');
});

test('the service says that it takes calls', async () => {
  await client.checkHealth();
});

test('a replica that is replaced under load loses no call', async () => {
  const replicas = [await Service.start(urls), await Service.start(urls)] as const;
  const address = `ipv4:${replicas.map((replica) => replica.address).join(',')}`;
  const balanced = new IdentityClient({ address });
  try {
    const generate = () => balanced.generateIdentity({ email: EMAIL, ...brand });
    await Promise.all(Array.from({ length: 20 }, generate));
    let stopped = false;
    const stopping = replicas[0].stop().then(() => (stopped = true));
    let outcomes = 0;
    while (!stopped) {
      const batch = await Promise.all(Array.from({ length: 5 }, generate));
      outcomes += batch.filter(({ outcome }) => outcome === 'ISSUED').length;
    }
    await stopping;
    assert.ok(outcomes > 0);
  } finally {
    balanced.close();
    await replicas[1].stop();
  }
});
