import type { FastifyInstance } from 'fastify';
import type { Site } from '../site.ts';
import { clientServerRoutes } from './client_server.ts';
import { identityRoutes } from './identity.ts';
import { loginRoutes } from './login.ts';
import { overviewRoutes } from './overview.ts';
import { scriptRoutes } from './scripts.ts';

export function registerRoutes(app: FastifyInstance, site: Site): void {
  overviewRoutes(app, site);
  loginRoutes(app, site);
  identityRoutes(app, site);
  clientServerRoutes(app, site);
  scriptRoutes(app, site);
}
