// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import type { SsoSettings } from '../single_sign_on.ts';
import { ACCOUNTS } from './accounts.ts';
import { createPages } from './pages.ts';

export interface StartedProvider {
  readonly settings: SsoSettings;
  close(): Promise<void>;
}

/** An OpenID provider for demonstrations: all in memory, any of its accounts without a password. */
export async function startProvider(
  listen: { readonly host: string; readonly port: number; readonly url: string | undefined },
  siteUrl: string,
): Promise<StartedProvider> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(listen.port, listen.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const issuer = listen.url ?? `http://${listen.host}:${port}`;
  const settings: SsoSettings = {
    issuer,
    clientId: 'site',
    clientSecret: randomBytes(32).toString('base64url'),
    redirectUri: `${siteUrl}/sso/callback`,
  };
  const provider = new Provider(issuer, configuration(settings));
  const pages = await createPages(provider, siteUrl);
  const protocol = provider.callback();
  server.on('request', (request, response) => {
    // Login and consent are pages of our own; all else is OpenID Connect.
    if (/^\/(interaction|assets)\//.test(request.url ?? '')) pages.routing(request, response);
    else void protocol(request, response);
  });
  return {
    settings,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pages.close();
    },
  };
}

function configuration({ clientId, clientSecret, redirectUri }: SsoSettings): Configuration {
  return {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: {
      openid: ['sub'],
      profile: ['name'],
      email: ['email', 'email_verified', 'is_private_email'],
      phone: ['phone_number', 'phone_number_verified'],
    },
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, id) => {
      const account = ACCOUNTS.find((one) => one.id === id);
      return account && { accountId: id, claims: () => ({ sub: id, ...account.claims }) };
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600 },
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kty: 'RSA', use: 'sig', alg: 'RS256' };
}
