import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';
import { buildScripts } from './built_scripts.ts';
import type { Config } from './config.ts';
import { EndedSessions } from './ended_sessions.ts';
import { Identities } from './identities.ts';
import { IdentityService } from './identity_service.ts';
import { ROOT, type Site } from './site.ts';

export interface StartedSite {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the site and, unless another one is configured, the provider for single sign-on. */
export async function startSite(config: Config): Promise<StartedSite> {
  const service = new IdentityService(config);
  const ended = new EndedSessions(config.sessionSeconds);
  const site: Site = {
    config,
    service,
    ended,
    identities: new Identities(service, config, ended),
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
      service.close();
    },
  };
}
