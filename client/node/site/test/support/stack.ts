// SPDX-License-Identifier: Apache-2.0
import { readConfig } from '../../config.ts';
import { startSite, type StartedSite } from '../../start.ts';
import { Emulator, type Lifetimes } from './emulator.ts';
import { Service } from './service.ts';

export interface Stack {
  readonly uid2: Emulator;
  readonly euid: Emulator;
  readonly service: Service;
  readonly site: StartedSite;
  /** Where the site's pages are. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly lifetimes?: Lifetimes;
  /** An emulator configuration for scope UID2. */
  readonly emulatorConfig?: string;
  /** The client whose certificate the site shows to a service that demands one (mTLS). */
  readonly tlsClient?: string;
  /** More of the site's environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Operators of both scopes, the identity service and the site, on free loopback ports. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  await using started = new AsyncDisposableStack();
  const uid2 = await Emulator.start('UID2', options.lifetimes, options.emulatorConfig);
  started.defer(() => uid2.stop());
  const euid = await Emulator.start('EUID', options.lifetimes);
  started.defer(() => euid.stop());
  const serving = options.tlsClient === undefined ? 'clear' : 'mutual TLS';
  const service = await Service.start({ uid2: uid2.url, euid: euid.url }, serving);
  started.defer(() => service.stop());
  const site = await startSite(
    readConfig({
      SITE_LISTEN: '127.0.0.1:0',
      SSO_LISTEN: '127.0.0.1:0',
      IDENTITY_SERVICE: service.address,
      ...(options.tlsClient !== undefined && service.tlsOf(options.tlsClient)),
      UID2_PARTICIPANT: 'uid2',
      UID2_OPERATOR_URL: uid2.url,
      EUID_PARTICIPANT: 'euid',
      EUID_OPERATOR_URL: euid.url,
      SITE_LOGINS_PER_ACCOUNT: '1000',
      SITE_LOGINS_PER_ADDRESS: '1000',
      // The real SDK of a file, in place of the one from npm.
      UID2_SDK_JS: process.env['UID2_SDK_JS'] ?? '',
      ...options.env,
    }),
  );
  started.defer(() => site.close());
  // From here on whoever called ends them; before, a failure has.
  const running = started.move();
  return { uid2, euid, service, site, url: site.url, stop: () => running.disposeAsync() };
}
