// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';
import { REPOSITORY, serverBinary } from './repository.ts';

// The emulator's own; they open nothing else.
const CREDENTIALS = {
  uid2: [
    'UID2-C-L-999-Gn4AZX.RhRRPismZs5O/pcFRRH6V1fhlhCSB4p1qt7Xog',
    '9amal84zqyv9Lbx1ACtJ8LGe7pu1RpcPjsjvFpVfk6o=',
  ],
  euid: [
    'EUID-C-L-999-CK4wry.j0DJrXR7mzDM9ZMMgm7/P1QMfcjaOzQzS+vNfQ',
    '2O53+UWy0YAGRq9CN2XcGDG+cDNjtgnGkdIaXKY0Nv4=',
  ],
} as const;

/** How the service is served: in the clear, or only to the client `web-tier` (mTLS). */
export type Serving = 'clear' | 'mutual TLS';

/** The real identity service, with a participant for each scope. */
export class Service {
  readonly address: string;
  readonly #child: Child;
  readonly #folder: string;

  private constructor(address: string, child: Child, folder: string) {
    this.address = address;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(
    operators: { uid2: string; euid: string },
    serving: Serving = 'clear',
  ): Promise<Service> {
    const folder = await mkdtemp(join(tmpdir(), 'site-test-'));
    let config = 'listen_address: "127.0.0.1:0"\n';
    for (const scope of ['uid2', 'euid'] as const) {
      const credentials = join(folder, scope);
      await mkdir(credentials);
      await writeFile(join(credentials, 'api_key'), `${CREDENTIALS[scope][0]}\n`);
      await writeFile(join(credentials, 'client_secret'), `${CREDENTIALS[scope][1]}\n`);
      config += `participants { name: "${scope}" scope: ${scope.toUpperCase()} operator_url: "${operators[scope]}" credentials_dir: "${credentials}" }\n`;
    }
    if (serving === 'mutual TLS') {
      const tls = makeCertificates(folder);
      config += `tls { certificate_file: "${tls}/server.pem" private_key_file: "${tls}/server.key" client_ca_file: "${tls}/ca.pem" }\n`;
      config += `runtime_dir: "${join(folder, 'run')}"\n`;
      config += 'callers { san: "spiffe://example.test/web-tier" }\n';
    }
    const file = join(folder, 'server.txtpb');
    await writeFile(file, config);
    const prefixes = ['identity_server listening on '];
    const { child, found } = await Child.start(serverBinary(), [`--config=${file}`], prefixes);
    return new Service(found[0] ?? '', child, folder);
  }

  /** A client's certificate and key, and the authority of the service's: the site's variables. */
  tlsOf(client: string): Record<string, string> {
    const tls = join(this.#folder, 'tls');
    return {
      IDENTITY_SERVICE_CA: join(tls, 'ca.pem'),
      IDENTITY_SERVICE_CERTIFICATE: join(tls, `${client}.pem`),
      IDENTITY_SERVICE_KEY: join(tls, `${client}.key`),
    };
  }

  /** Stops answering without closing a connection. */
  freeze(): void {
    this.#child.signal('SIGSTOP');
  }

  thaw(): void {
    this.#child.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#child.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Of the service and of two clients, one of them unknown to it. */
function makeCertificates(folder: string): string {
  const out = join(folder, 'tls');
  const clients = ['web-tier', 'stranger'].map((name) => `--client=spiffe://example.test/${name}`);
  execFileSync(join(REPOSITORY, 'tools/certificates'), [`--out=${out}`, ...clients], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return out;
}
