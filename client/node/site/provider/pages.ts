// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import formBody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import staticFiles from '@fastify/static';
import view from '@fastify/view';
import { Eta } from 'eta';
import Fastify, { type FastifyInstance } from 'fastify';
import type Provider from 'oidc-provider';
import { sourceFolder } from '../site.ts';
import { ACCOUNTS } from './accounts.ts';

const SCOPES: Readonly<Record<string, string>> = {
  profile: 'Your name',
  email: 'Your email address',
  phone: 'Your phone number',
};

/**
 * The provider's login and consent pages. Their forms need no CSRF token: the address of an
 * interaction cannot be guessed, and its cookie is not sent with a post from another site.
 */
export async function createPages(provider: Provider, siteUrl: string): Promise<FastifyInstance> {
  const app = Fastify({ logger: { level: 'warn', stream: process.stderr } });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        // A browser applies this to the redirect that follows the form, too.
        formAction: ["'self'", new URL(siteUrl).origin],
        frameAncestors: ["'none'"],
      },
    },
  });
  await app.register(formBody);
  await app.register(staticFiles, { root: sourceFolder('assets'), prefix: '/assets/' });
  const eta = new Eta({ views: join(import.meta.dirname, 'views'), cache: true });
  await app.register(view, { engine: { eta }, templates: join(import.meta.dirname, 'views') });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get('/interaction/:uid', async ({ raw }, reply) => {
    const { uid, prompt, session } = await provider.interactionDetails(raw, reply.raw);
    if (prompt.name === 'login') return reply.viewAsync('login', { uid, accounts: ACCOUNTS });
    const missing = (prompt.details['missingOIDCScope'] ?? []) as string[];
    const scopes = missing.flatMap((name) => SCOPES[name] ?? []);
    return reply.viewAsync('consent', { uid, scopes, account: session?.accountId });
  });

  app.post<{ Body?: { account?: string } }>(
    '/interaction/:uid/login',
    async ({ raw, body }, reply) => {
      const account = ACCOUNTS.find(({ id }) => id === body?.account);
      const result = account
        ? { login: { accountId: account.id } }
        : { error: 'access_denied', error_description: 'no such account' };
      return reply.redirect(await provider.interactionResult(raw, reply.raw, result), 303);
    },
  );

  app.post<{ Body?: { allow?: string } }>(
    '/interaction/:uid/consent',
    async ({ raw, body }, reply) => {
      const details = await provider.interactionDetails(raw, reply.raw);
      const result = body?.allow
        ? { consent: { grantId: await grantId(provider, details) } }
        : { error: 'access_denied', error_description: 'the user said no' };
      const url = await provider.interactionResult(raw, reply.raw, result, {
        mergeWithLastSubmission: true,
      });
      return reply.redirect(url, 303);
    },
  );
  await app.ready();
  return app;
}

/** The id of a grant for all that the interaction asks for. */
async function grantId(
  provider: Provider,
  { prompt, params, session, grantId }: Awaited<ReturnType<Provider['interactionDetails']>>,
): Promise<string> {
  const known = grantId ? await provider.Grant.find(grantId) : undefined;
  const grant =
    known ??
    new provider.Grant({
      accountId: session?.accountId ?? '',
      clientId: String(params['client_id']),
    });
  const { missingOIDCScope, missingOIDCClaims } = prompt.details as Record<
    string,
    string[] | undefined
  >;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  return grant.save();
}
