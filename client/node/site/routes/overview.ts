// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance } from 'fastify';
import { render } from '../page.ts';
import type { Site } from '../site.ts';

export function overviewRoutes(app: FastifyInstance, site: Site): void {
  app.get('/', (_request, reply) => render(reply, site, 'overview', { title: 'Overview' }));
}
