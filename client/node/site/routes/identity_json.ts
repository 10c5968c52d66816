// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance } from 'fastify';
import type { Scope } from '../config.ts';
import type { Site } from '../site.ts';

/** The session's identity for a page whose script has lost what it kept; 204: there is none. */
export function identityJsonRoutes(app: FastifyInstance, { identities }: Site): void {
  app.get<{ Params: { scope: Scope } }>(
    '/identity/:scope(^uid2$|^euid$)',
    async ({ session, headers, params }, reply) => {
      // The browser keeps other sites from reading it; this keeps them from asking.
      if (headers['sec-fetch-site'] !== 'same-origin') return reply.code(403).send();
      const held = session.get('user') && (await identities.current(session, params.scope));
      if (!held || !('json' in held)) return reply.code(204).send();
      return reply.type('application/json').send(held.json);
    },
  );
}
