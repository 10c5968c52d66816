// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance } from 'fastify';
import { reasonForNone } from '../outcome_text.ts';
import { render } from '../page.ts';
import { identityForPage } from '../page_identity.ts';
import { snippets, type Site } from '../site.ts';

/** Steps 1-d to 4-b with the UID2 SDK for JavaScript. */
export function clientServerRoutes(app: FastifyInstance, site: Site): void {
  const shown = snippets(
    ['web tier, 1-d and 1-e', 'identities.ts', 'generate'],
    ['page, 1-f', 'views/client_server.eta', 'data-block'],
    ['page, 1-f and 1-g', 'assets/client_server.js', 'init'],
    ['page, 2-a', 'assets/client_server.js', 'bid'],
    ['page, where nothing is stored', 'assets/client_server.js', 'ask'],
    ['page, 4-b', 'assets/logout.js', 'disconnect'],
  );

  app.get('/client-server', async (request, reply) =>
    render(reply, site, 'client_server', {
      title: 'UID2 SDK for JavaScript',
      snippets: shown,
      identityJson: identityForPage(request, 'uid2', 'sdk'),
      pageData: {
        baseUrl: site.config.uid2.operatorUrl,
        reason: reasonForNone(request.session),
      },
    }),
  );
}
