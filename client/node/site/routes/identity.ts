// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance } from 'fastify';
import { lifePicture } from '../life_picture.ts';
import { outcomeText } from '../outcome_text.ts';
import { checkCsrf } from '../form.ts';
import { render } from '../page.ts';
import { snippets, type Site } from '../site.ts';

/** The identity of this session, and where it is in its life. */
export function identityRoutes(app: FastifyInstance, site: Site): void {
  const shown = snippets(
    ['web tier', 'identities.ts', 'refresh'],
    ['page', 'assets/life_picture.js', 'stages'],
  );

  app.get('/identity', async ({ session }, reply) => {
    const user = session.get('user');
    const held = user && (await site.identities.current(session, 'uid2'));
    return render(reply, site, 'identity', {
      title: 'Identity',
      snippets: shown,
      outcome: outcomeText(held, user),
      life: held && 'json' in held ? lifePicture(held) : undefined,
    });
  });

  app.post('/identity/refresh', { preHandler: checkCsrf(app) }, async ({ session }, reply) => {
    if (session.get('user')) {
      const held = await site.identities.refreshNow(session, 'uid2');
      const { title, text } = outcomeText(held);
      session.set('notice', `${title}. ${text}`);
    }
    return reply.redirect('/identity', 303);
  });
}
