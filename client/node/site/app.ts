// SPDX-License-Identifier: Apache-2.0
import csrfProtection from '@fastify/csrf-protection';
import formBody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import secureSession from '@fastify/secure-session';
import staticFiles from '@fastify/static';
import view from '@fastify/view';
import { toScriptJson } from '@uid2-identity/client';
import { Eta } from 'eta';
import Fastify, { type FastifyInstance } from 'fastify';
import { codeHtml } from './code_view.ts';
import type { Config } from './config.ts';
import { securityPolicy } from './content_security.ts';
import { handleErrors } from './error_pages.ts';
import { registerRoutes } from './routes/index.ts';
import { sourceFolder, type Site } from './site.ts';

/** The site, ready to listen. */
export async function createApp(site: Site): Promise<FastifyInstance> {
  const { config } = site;
  const app = Fastify({
    // Nothing a user sends is logged: no body, no query, no cookie.
    logger: {
      level: 'warn',
      stream: process.stderr,
      serializers: { req: ({ method, routeOptions }) => ({ method, route: routeOptions?.url }) },
    },
    trustProxy: config.trustedProxies ?? false,
    bodyLimit: 16 * 1024,
    requestTimeout: 10_000,
  });
  await app.register(helmet, { ...securityPolicy(config), enableCSPNonces: true });
  await app.register(formBody);
  await app.register(secureSession, sessionOptions(config));
  await app.register(csrfProtection, { sessionPlugin: '@fastify/secure-session' });
  await app.register(rateLimit, { global: false });
  await app.register(staticFiles, { root: sourceFolder('assets'), prefix: '/assets/' });
  await app.register(staticFiles, {
    root: sourceFolder('stand_ins'),
    prefix: '/stand-ins/',
    decorateReply: false,
  });
  const eta = new Eta({ views: sourceFolder('views'), cache: true });
  await app.register(view, {
    engine: { eta },
    templates: sourceFolder('views'),
    defaultContext: { codeHtml, toScriptJson },
  });

  app.addHook('onRequest', ({ session }, _reply, done) => {
    // The cookie of a session that was logged out of, back again.
    const user = session.get('user');
    if (user && site.ended.has(user.sessionId)) session.regenerate();
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Every page depends on who asks, and most carry an identity.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    done();
  });
  handleErrors(app, site);
  registerRoutes(app, site);
  return app;
}

function sessionOptions(config: Config) {
  return {
    key: config.sessionKey,
    expiry: config.sessionSeconds,
    // The prefix makes the browser insist on Secure, Path=/ and no Domain.
    cookieName: '__Host-session',
    cookie: {
      path: '/',
      httpOnly: true,
      // Browsers count loopback as secure, so this holds for http://localhost too.
      secure: true,
      sameSite: 'lax' as const,
      maxAge: config.sessionSeconds,
    },
  };
}
