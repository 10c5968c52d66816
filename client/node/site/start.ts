// SPDX-License-Identifier: Apache-2.0
import type { AddressInfo } from 'node:net';
import { IdentityClient } from '@uid2-identity/client';
import { createApp } from './app.ts';
import { buildScripts } from './built_scripts.ts';
import type { Config } from './config.ts';
import { EndedSessions } from './ended_sessions.ts';
import { Identities } from './identities.ts';
import { startProvider } from './provider/provider.ts';
import { SingleSignOn, type SsoSettings } from './single_sign_on.ts';
import { ROOT } from './site.ts';

export interface StartedSite {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the site and, unless another one is configured, the provider for single sign-on. */
export async function startSite(config: Config): Promise<StartedSite> {
  const { address, tls } = config.service;
  const client = new IdentityClient({ address, ...(tls && { tls }) });
  const ended = new EndedSessions(config.sessionSeconds);
  // The provider must know where the site is, which is known once it listens.
  const ssoSettings = Promise.withResolvers<SsoSettings>();
  const app = await createApp({
    config,
    ended,
    identities: new Identities(client, config, ended),
    scripts: await buildScripts(ROOT, config),
    sso: new SingleSignOn(ssoSettings.promise),
  });
  await app.listen(config.listen);
  const { port } = app.server.address() as AddressInfo;
  const url = config.url ?? `http://${config.listen.host}:${port}`;

  const { sso } = config;
  const provider = sso.kind === 'own' ? await startProvider(sso, url) : undefined;
  if (provider) ssoSettings.resolve(provider.settings);
  else if (sso.kind === 'external')
    ssoSettings.resolve({ ...sso, redirectUri: `${url}/sso/callback` });
  return {
    url,
    close: async () => {
      await app.close();
      await provider?.close();
      client.close();
    },
  };
}
