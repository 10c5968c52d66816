// SPDX-License-Identifier: Apache-2.0
import { IdentityError } from '@uid2-identity/client';
import type { FastifyInstance } from 'fastify';
import { outcomeText } from '../outcome_text.ts';
import { checkCsrf, textField } from '../form.ts';
import { render } from '../page.ts';
import { identityForPage } from '../page_identity.ts';
import { snippets, type Site } from '../site.ts';

/** Steps 1-d to 4-b for EUID, which needs a consent string. */
export function euidRoutes(app: FastifyInstance, site: Site): void {
  const { config, identities } = site;
  const shown = snippets(
    ['page, before 1-d', 'assets/consent.js', 'consent'],
    ['web tier, 1-d', 'routes/euid.ts', 'generate'],
    ['page, 1-f and 1-g', 'assets/euid.js', 'init'],
    ['page, 4-b', 'assets/logout.js', 'disconnect'],
  );

  app.get('/euid', async (request, reply) => {
    const held = request.session.get('user') && request.session.get('euid');
    return render(reply, site, 'euid', {
      title: 'EUID and consent',
      snippets: shown,
      configured: config.euid !== undefined,
      outcome: outcomeText(held, request.session.get('user')),
      awaited: held === undefined,
      identityJson: identityForPage(request, 'euid', 'sdk'),
      pageData: {
        baseUrl: config.euid?.operatorUrl,
        hasConsent: held !== undefined && ('json' in held || held.outcome === 'OPTED_OUT'),
      },
    });
  });

  app.post<{ Body?: { tc_string?: unknown } }>(
    '/euid/consent',
    { preHandler: checkCsrf(app) },
    async (request, reply) => {
      const { session } = request;
      const tcString = textField(request.body?.tc_string);
      const dii = session.get('user')?.dii;
      if (!config.euid || !dii) return reply.redirect('/euid', 303);
      // snippet: generate
      // What was issued under the earlier choice is dropped in any case.
      session.set('euid', undefined);
      try {
        await identities.generate(session, 'euid', dii, tcString);
      } catch (error) {
        if (!(error instanceof IdentityError)) throw error;
        session.set('notice', 'The consent tool sent no valid TCF string.');
      }
      return reply.redirect('/euid', 303);
      // end snippet
    },
  );
}
