// SPDX-License-Identifier: Apache-2.0
import { openRtbEids, parseIdentity } from '@uid2-identity/client';
import type { FastifyInstance } from 'fastify';
import { lifePicture } from '../life_picture.ts';
import { outcomeText } from '../outcome_text.ts';
import { render } from '../page.ts';
import { snippets, type Site } from '../site.ts';

/** No SDK: the session holds the identity, and the page gets the advertising token only. */
export function serverSideRoutes(app: FastifyInstance, site: Site): void {
  const shown = snippets(
    ['web tier', 'routes/server_side.ts', 'view'],
    ['web tier', 'identities.ts', 'refresh'],
    ['web tier', 'content_security.ts', 'csp'],
  );

  app.get('/server-side', async ({ session }, reply) => {
    const user = session.get('user');
    // snippet: view
    // On each page view: refreshed if that is due, and within a deadline.
    const held = user && (await site.identities.current(session, 'uid2'));
    const identity = held && 'json' in held ? parseIdentity(held.json) : undefined;
    const eids = identity ? openRtbEids(identity.advertisingToken, 'UID2') : [];
    // end snippet
    return render(reply, site, 'server_side', {
      title: 'Server-side',
      snippets: shown,
      outcome: outcomeText(held, user),
      life: held && 'json' in held ? lifePicture(held) : undefined,
      pageData: { user: { eids } },
    });
  });
}
