import type { FastifyInstance } from 'fastify';
import { render } from '../page.ts';
import { identityForPage } from '../sdk_page.ts';
import { snippets, type Site } from '../site.ts';

/** Steps 1-d to 4-b with the UID2 SDK for JavaScript. */
export function clientServerRoutes(app: FastifyInstance, site: Site): void {
  const shown = snippets(
    ['web tier, 1-d and 1-e', 'identities.ts', 'generate'],
    ['page, 1-f', 'views/client_server.eta', 'data-block'],
    ['page, 1-f and 1-g', 'assets/client_server.js', 'init'],
    ['page, 2-a', 'assets/client_server.js', 'bid'],
    ['page, 4-b', 'assets/logout.js', 'disconnect'],
  );

  app.get('/client-server', async (request, reply) =>
    render(reply, site, 'client_server', {
      title: 'Client-server with the UID2 SDK',
      snippets: shown,
      identityJson: identityForPage(request, 'uid2', 'sdk'),
      pageData: { baseUrl: site.config.uid2.operatorUrl },
    }),
  );

  // For a page whose script has lost what it kept.
  app.get('/client-server/identity', async ({ session, headers }, reply) => {
    if (headers['sec-fetch-site'] !== 'same-origin') return reply.code(403).send();
    const held = session.get('user') && (await site.identities.current(session, 'uid2'));
    if (!held || !('json' in held)) return reply.code(204).send();
    return reply.type('application/json').send(held.json);
  });
}
