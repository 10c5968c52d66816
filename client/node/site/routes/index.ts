// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance } from 'fastify';
import type { Site } from '../site.ts';
import { clientServerRoutes } from './client_server.ts';
import { euidRoutes } from './euid.ts';
import { identityRoutes } from './identity.ts';
import { identityJsonRoutes } from './identity_json.ts';
import { loginRoutes } from './login.ts';
import { overviewRoutes } from './overview.ts';
import { prebidRoutes } from './prebid.ts';
import { scriptRoutes } from './scripts.ts';
import { secureSignalsRoutes } from './secure_signals.ts';
import { serverSideRoutes } from './server_side.ts';
import { singleSignOnRoutes } from './single_sign_on.ts';

export function registerRoutes(app: FastifyInstance, site: Site): void {
  overviewRoutes(app, site);
  loginRoutes(app, site);
  singleSignOnRoutes(app, site);
  identityRoutes(app, site);
  identityJsonRoutes(app, site);
  clientServerRoutes(app, site);
  euidRoutes(app, site);
  prebidRoutes(app, site);
  secureSignalsRoutes(app, site);
  serverSideRoutes(app, site);
  scriptRoutes(app, site);
}
