// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Site } from '../site.ts';

/** The scripts that were bundled at start. */
export function scriptRoutes(app: FastifyInstance, { scripts }: Site): void {
  for (const [name, content] of scripts) {
    const etag = `"${createHash('sha256').update(content).digest('base64url')}"`;
    app.get(`/scripts/${name}`, async (request, reply) => {
      reply.headers({ 'cache-control': 'no-cache', etag });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type('text/javascript; charset=utf-8').send(content);
    });
  }
}
