// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { ServerCredentials, status } from '@grpc/grpc-js';
import { IdentityClient } from '../src/identity_client.ts';
import { IdentityError } from '../src/identity_error.ts';
import type { TlsOptions } from '../src/tls_files.ts';
import { CertificateAuthority } from './support/certificates.ts';
import { temporaryFolder } from './support/folder.ts';
import { ScriptedServer, type Refresh } from './support/scripted_server.ts';

type Answer = Parameters<Refresh>[1];

const EMAIL = { email: 'user@example.com' };

/** A server that asks for a certificate, the files of a client of it, and who called last. */
class MutualTls {
  readonly authority: CertificateAuthority;
  readonly tls: Required<TlsOptions>;
  readonly callers: string[] = [];
  server!: ScriptedServer;
  readonly #arrival = new EventEmitter();
  readonly #context: TestContext;

  private constructor(context: TestContext) {
    this.#context = context;
    const folder = temporaryFolder(context);
    this.authority = new CertificateAuthority(folder);
    this.tls = {
      caFile: join(folder, 'client-ca.pem'),
      certificateFile: join(folder, 'client.pem'),
      keyFile: join(folder, 'client.key'),
      serverName: 'identity.test',
    };
    copyFileSync(this.authority.certificate, this.tls.caFile);
    this.become('first');
  }

  static async start(context: TestContext): Promise<MutualTls> {
    const mutual = new MutualTls(context);
    const { certificate, key } = mutual.authority.issue('identity.test');
    mutual.server = await ScriptedServer.start(
      ServerCredentials.createSsl(
        readFileSync(mutual.authority.certificate),
        [{ cert_chain: readFileSync(certificate), private_key: readFileSync(key) }],
        true,
      ),
    );
    context.after(() => mutual.server.kill());
    mutual.server.generate = (call, answer) => {
      const { subject } = call.getAuthContext().sslPeerCertificate ?? {};
      mutual.callers.push(String(subject?.CN));
      answer(null, { outcome: 'OPTED_OUT' });
    };
    return mutual;
  }

  /** Writes another certificate and its key over the client's files. */
  become(name: string): void {
    const { certificate, key } = this.authority.issue(name);
    writeFileSync(this.tls.certificateFile, readFileSync(certificate));
    writeFileSync(this.tls.keyFile, readFileSync(key));
  }

  /** Gives the test each call of a refresh as it arrives, to be answered. */
  holdRefresh(): { arrived: () => Promise<Answer> } {
    const answers: Answer[] = [];
    this.server.refresh = (_, answer) => {
      answers.push(answer);
      this.#arrival.emit('refresh');
    };
    return {
      arrived: async () => {
        if (answers.length === 0) await once(this.#arrival, 'refresh');
        return answers.shift() as Answer;
      },
    };
  }

  client(tls: TlsOptions = this.tls): IdentityClient {
    const client = new IdentityClient({ address: this.server.address, tls, filesCheckMs: 20 });
    this.#context.after(() => client.close());
    return client;
  }

  /** Calls until a call arrives from `name`; every call must succeed. */
  async callUntil(client: IdentityClient, name: string): Promise<void> {
    while (this.callers.at(-1) !== name) await client.generateIdentity(EMAIL);
  }
}

suite('TLS by files', { timeout: 30_000 }, () => {
  test('both sides show their certificates', async (context) => {
    const mutual = await MutualTls.start(context);
    await mutual.client().generateIdentity(EMAIL);
    assert.deepEqual(mutual.callers, ['first']);
  });

  test('the server must have the name that was given', async (context) => {
    const mutual = await MutualTls.start(context);
    const client = mutual.client({ ...mutual.tls, serverName: 'another.test' });
    await assert.rejects(client.generateIdentity(EMAIL), { code: 'UNAVAILABLE' });
    assert.deepEqual(mutual.callers, []);
  });

  test('an authority that is not named is not trusted', async (context) => {
    const mutual = await MutualTls.start(context);
    const other = new CertificateAuthority(temporaryFolder(context));
    const client = mutual.client({ ...mutual.tls, caFile: other.certificate });
    await assert.rejects(client.generateIdentity(EMAIL), {
      code: 'UNAVAILABLE',
      message: /not of an authority in .*ca\.pem$/,
    });
  });

  test('without a certificate that the server accepts, the error says so', async (context) => {
    const mutual = await MutualTls.start(context);
    const { caFile, serverName } = mutual.tls;
    await assert.rejects(mutual.client({ caFile, serverName }).generateIdentity(EMAIL), {
      code: 'UNAVAILABLE',
      message: /may require a client certificate \(tls\.certificateFile, tls\.keyFile\)$/,
    });
    const other = new CertificateAuthority(temporaryFolder(context));
    const { certificate, key } = other.issue('stranger');
    const stranger = { ...mutual.tls, certificateFile: certificate, keyFile: key };
    await assert.rejects(mutual.client(stranger).generateIdentity(EMAIL), {
      code: 'UNAVAILABLE',
      message: /may not trust the authority of the client certificate in .*stranger\.pem/,
    });
    const clear = new IdentityClient({ address: mutual.server.address });
    context.after(() => clear.close());
    await assert.rejects(clear.generateIdentity(EMAIL), {
      code: 'UNAVAILABLE',
      message: /may require TLS, and tls is not set$/,
    });
    assert.deepEqual(mutual.callers, []);
  });

  test('a new certificate is used, and a call on the old one is seen through', async (context) => {
    const mutual = await MutualTls.start(context);
    const client = mutual.client();
    const refresh = mutual.holdRefresh();
    const begun = client.refreshIdentity({ identityJson: '{}' }, { timeoutMs: 30_000 });
    const first = await refresh.arrived();
    mutual.become('second');
    await mutual.callUntil(client, 'second');
    // Even now it may be tried again.
    first({ code: status.UNAVAILABLE });
    const second = await refresh.arrived();
    second(null, { outcome: 'LOGIN_REQUIRED' });
    assert.deepEqual(await begun, { outcome: 'LOGIN_REQUIRED' });
  });

  test('half a change is waited for, with a warning', async (context) => {
    const mutual = await MutualTls.start(context);
    const client = mutual.client();
    const next = mutual.authority.issue('second');
    const warned = once(process, 'warning');
    copyFileSync(next.certificate, mutual.tls.certificateFile);
    const [warning] = (await warned) as [Error];
    assert.match(warning.message, /client\.key is not that of the certificate/);
    await client.generateIdentity(EMAIL);
    assert.deepEqual(mutual.callers, ['first']);
    copyFileSync(next.key, mutual.tls.keyFile);
    await mutual.callUntil(client, 'second');
  });

  for (const [situation, wrong, complaint] of [
    ['a certificate without its key', { certificateFile: 'a.pem' }, /give both/],
    [
      'a file that is not there',
      { caFile: '/nowhere/ca.pem' },
      /tls\.caFile: cannot read \/nowhere/,
    ],
    ['a file that is no certificate', { caFile: import.meta.filename }, /tls\.caFile: cannot use/],
  ] as const) {
    test(`${situation} is refused when the client is made`, () => {
      const make = () => new IdentityClient({ address: 'localhost:1', tls: wrong });
      assert.throws(make, { message: complaint });
    });
  }

  test('the key of another certificate is refused when the client is made', async (context) => {
    const mutual = await MutualTls.start(context);
    const { key } = mutual.authority.issue('stranger');
    const make = () => mutual.client({ ...mutual.tls, keyFile: key });
    assert.throws(make, { message: /the key in .*stranger\.key is not that/ });
  });

  test('a server without TLS is not spoken to in the clear', async (context) => {
    const server = await ScriptedServer.start();
    context.after(() => server.kill());
    const client = new IdentityClient({ address: server.address, tls: { serverName: 'a.test' } });
    context.after(() => client.close());
    await assert.rejects(client.generateIdentity(EMAIL), (error) => {
      assert(error instanceof IdentityError);
      assert.match(error.message, /the service does not use TLS$/);
      return true;
    });
    assert.equal(server.calls, 0);
  });
});
