import type { AddressInfo } from 'node:net';
import { IdentityClient } from '@uid2-identity/client';
import { createApp } from './app.ts';
import { buildScripts } from './built_scripts.ts';
import type { Config } from './config.ts';
import { EndedSessions } from './ended_sessions.ts';
import { Identities } from './identities.ts';
import { ROOT, type Site } from './site.ts';

export interface StartedSite {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the site and, unless another one is configured, the provider for single sign-on. */
export async function startSite(config: Config): Promise<StartedSite> {
  const { address, tls } = config.service;
  const client = new IdentityClient({ address, ...(tls && { tls }) });
  const ended = new EndedSessions(config.sessionSeconds);
  const site: Site = {
    config,
    ended,
    identities: new Identities(client, config, ended),
    scripts: await buildScripts(ROOT, config),
    sso: { close: async () => {} },
    root: ROOT,
  };
  const app = await createApp(site);
  await app.listen(config.listen);
  const { port } = app.server.address() as AddressInfo;
  return {
    url: config.url ?? `http://localhost:${port}`,
    close: async () => {
      await app.close();
      client.close();
    },
  };
}
