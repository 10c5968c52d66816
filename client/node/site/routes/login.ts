// SPDX-License-Identifier: Apache-2.0
import { IdentityError } from '@uid2-identity/client';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { accountOf, inputMessage, nextPage, passwordMatches, readDii } from '../login_form.ts';
import { loginLimits } from '../login_limits.ts';
import { checkCsrf, textField } from '../form.ts';
import { PAGES, render } from '../page.ts';
import { begin } from '../session.ts';
import { snippets, type Site } from '../site.ts';

type LoginForm = { login?: unknown; password?: unknown; next?: unknown };

/** Steps 1-a to 1-e and 4-a: log in, have an identity generated, log out. */
export function loginRoutes(app: FastifyInstance, site: Site): void {
  const { config, identities, ended } = site;
  const limit = loginLimits(app, config);
  const shown = snippets(
    ['web tier', 'routes/login.ts', 'login'],
    ['web tier', 'identities.ts', 'generate'],
    ['web tier, single sign-on', 'single_sign_on.ts', 'sso'],
    ['web tier, single sign-on', 'claims.ts', 'claims'],
    ['web tier', 'login_limits.ts', 'limits'],
  );

  const form = (reply: FastifyReply, data: { next: unknown; login?: string; problem?: string }) =>
    render(reply, site, 'login', {
      title: 'Log in',
      snippets: shown,
      login: '',
      problem: undefined,
      demoPassword: config.password === 'demo',
      ...data,
      next: nextPage(data.next, PAGES),
    });

  app.get<{ Querystring: { next?: unknown } }>('/login', async (request, reply) => {
    if (request.session.get('user')) return reply.redirect('/');
    return form(reply, { next: request.query.next });
  });

  app.post<{ Body?: LoginForm }>(
    '/login',
    { preHandler: checkCsrf(app) },
    async (request, reply) => {
      const { session } = request;
      // Users change by way of a logout, which clears what pages have stored.
      if (session.get('user')) return reply.redirect('/', 303);
      const { next } = request.body ?? {};
      const login = textField(request.body?.login).slice(0, 320);
      const password = textField(request.body?.password);
      const dii = readDii(login);

      const seconds = await limit(request, accountOf(dii));
      if (seconds !== undefined) {
        const problem = `Too many attempts. Try again in ${seconds} seconds.`;
        return form(reply.code(429).header('retry-after', seconds), { next, login, problem });
      }
      // snippet: login
      // Steps 1-a to 1-c: nothing is asked of the service before the user is known.
      if (!passwordMatches(password, config.password)) {
        const problem = 'The account and the password do not match.';
        return form(reply.code(401), { next, login, problem });
      }
      try {
        begin(session, { name: login.trim(), via: 'password', dii });
        await identities.generate(session, 'uid2', dii); // Steps 1-d and 1-e.
      } catch (error) {
        if (!(error instanceof IdentityError)) throw error;
        session.regenerate();
        return form(reply.code(400), { next, login, problem: inputMessage(error.reason ?? '') });
      }
      return reply.redirect(nextPage(next, PAGES), 303);
      // end snippet
    },
  );

  app.post('/logout', { preHandler: checkCsrf(app) }, async (request, reply) => {
    const user = request.session.get('user');
    // snippet: logout
    if (user) ended.add(user.sessionId);
    request.session.regenerate();
    return reply.redirect('/logged-out', 303);
    // end snippet
  });

  app.get('/logged-out', async (request, reply) => {
    if (request.session.get('user')) return reply.redirect('/');
    return render(reply, site, 'logged_out', { title: 'Logged out', snippets: loggedOut });
  });
  const loggedOut = snippets(
    ['web tier', 'routes/login.ts', 'logout'],
    ['page', 'assets/logout.js', 'disconnect'],
    ['page', 'assets/logged_out.js', 'logged-out'],
  );
}
