// SPDX-License-Identifier: Apache-2.0
import { prebidUserId } from '@uid2-identity/client';
import type { FastifyInstance } from 'fastify';
import { reasonForNone } from '../outcome_text.ts';
import { render } from '../page.ts';
import { identityForPage } from '../page_identity.ts';
import { snippets, type Site } from '../site.ts';

type BidRequest = { imp?: { id?: unknown }[] };

/** Prebid.js in its client-refresh mode, with a bidder of the site's own. */
export function prebidRoutes(app: FastifyInstance, site: Site): void {
  const { operatorUrl } = site.config.uid2;
  const shown = snippets(
    ['web tier', 'routes/prebid.ts', 'user-id'],
    ['web tier', 'page_identity.ts', 'once'],
    ['page', 'assets/prebid.js', 'auction'],
    ['page', 'assets/prebid.js', 'ids'],
    ['bundle', 'bundles/prebid.js', 'bundle'],
  );

  app.get('/prebid', async (request, reply) => {
    const optedOut = request.session.get('uid2')?.outcome === 'OPTED_OUT';
    // snippet: user-id
    const json = optedOut ? undefined : identityForPage(request, 'uid2', 'prebid');
    const userId = prebidUserId(json, { scope: 'UID2', apiBase: operatorUrl });
    // end snippet
    return render(reply, site, 'prebid', {
      title: 'Prebid.js',
      snippets: shown,
      pageData: { userId, optedOut, reason: reasonForNone(request.session) },
    });
  });

  // The bidder's server: a bid for each impression.
  app.post<{ Body?: BidRequest }>('/prebid/bids', ({ body }, reply) =>
    reply.send({
      bids: (body?.imp ?? []).slice(0, 10).map(({ id }) => ({
        requestId: String(id),
        cpm: 1.2,
        currency: 'USD',
        width: 300,
        height: 250,
        ad: '<p>House ad</p>',
        ttl: 60,
        creativeId: 'house',
        netRevenue: true,
        meta: { advertiserDomains: ['example.com'] },
      })),
    }),
  );
}
