// SPDX-License-Identifier: Apache-2.0
import { parseIdentity } from '@uid2-identity/client';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { publisherTagPolicy } from '../content_security.ts';
import { reasonForNone } from '../outcome_text.ts';
import { render } from '../page.ts';
import { identityForPage } from '../page_identity.ts';
import { snippets, type Site } from '../site.ts';

/** Google Ad Manager's secure signals, with the UID2 SDK in the page and without. */
export function secureSignalsRoutes(app: FastifyInstance, site: Site): void {
  const { config, identities } = site;
  const helmet = publisherTagPolicy(config);
  const scripts = {
    gptUrl: config.gptUrl ?? '/stand-ins/gpt.js',
    secureSignalsUrl: config.secureSignalsUrl ?? '/stand-ins/secure_signals.js',
    standIns: [
      ...(config.gptUrl ? [] : ['Google’s publisher tag']),
      ...(config.secureSignalsUrl ? [] : ['UID2’s secure signals script']),
    ],
  };
  const common = { title: 'Google Ad Manager secure signals', ...scripts };
  const withSdk = snippets(
    ['page', 'views/secure_signals.eta', 'with-sdk'],
    ['page', 'assets/secure_signals.js', 'tag'],
    ['page', 'assets/client_server.js', 'init'],
    ['page, at login and logout', 'assets/logout.js', 'disconnect'],
  );
  const withoutSdk = snippets(
    ['page', 'assets/secure_signals_server.js', 'function'],
    ['web tier', 'routes/secure_signals.ts', 'token'],
    ['page', 'views/secure_signals.eta', 'without-sdk'],
    ['page', 'assets/secure_signals.js', 'tag'],
  );

  // The tag's cache is a store of its own.
  const isAfterLogin = (request: FastifyRequest) =>
    identityForPage(request, 'uid2', 'gpt') !== undefined;

  app.get('/secure-signals', { helmet }, async (request, reply) => {
    return render(reply, site, 'secure_signals', {
      ...common,
      snippets: withSdk,
      withSdk: true,
      identityJson: identityForPage(request, 'uid2', 'sdk'),
      pageData: {
        baseUrl: config.uid2.operatorUrl,
        reason: reasonForNone(request.session),
        afterLogin: isAfterLogin(request),
      },
    });
  });

  app.get('/secure-signals/server', { helmet }, async (request, reply) =>
    render(reply, site, 'secure_signals', {
      ...common,
      snippets: withoutSdk,
      withSdk: false,
      pageData: { afterLogin: isAfterLogin(request) },
    }),
  );

  app.post('/secure-signals/token', async ({ session, headers }, reply) => {
    if (headers['sec-fetch-site'] !== 'same-origin') return reply.code(403).send();
    // snippet: token
    if (!session.get('user')) return reply.code(401).send();
    const held = await identities.current(session, 'uid2');
    if (!held || !('json' in held)) return reply.code(404).send();
    const { advertisingToken } = parseIdentity(held.json);
    return { advertising_token: advertisingToken }; // nothing else of it
    // end snippet
  });
}
