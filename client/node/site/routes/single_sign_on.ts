// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance, FastifyReply } from 'fastify';
import { diiFromClaims } from '../claims.ts';
import { nextPage } from '../login_form.ts';
import { PAGES, render } from '../page.ts';
import { begin } from '../session.ts';
import type { Site } from '../site.ts';

/** Log in at the OpenID provider; then steps 1-d and 1-e as for any other login. */
export function singleSignOnRoutes(app: FastifyInstance, site: Site): void {
  const { sso, identities } = site;

  const failure = (reply: FastifyReply, status: number, text: string) =>
    render(reply.code(status), site, 'message', { title: 'Single sign-on did not work', text });

  app.get<{ Querystring: { next?: unknown } }>('/sso/login', async (request, reply) => {
    if (request.session.get('user')) return reply.redirect('/');
    try {
      const { url, ...start } = await sso.start();
      request.session.set('sso', { ...start, next: nextPage(request.query.next, PAGES) });
      return reply.redirect(url.href);
    } catch {
      return failure(
        reply,
        503,
        'The provider does not answer. Log in with your password instead.',
      );
    }
  });

  app.get('/sso/callback', async (request, reply) => {
    const { session } = request;
    const start = session.get('sso');
    session.set('sso', undefined);
    if (!start || session.get('user')) return reply.redirect('/');
    let login;
    try {
      login = await sso.finish(request.url, start);
    } catch {
      // What exactly was wrong helps nobody but an attacker.
      return failure(reply, 400, 'Nobody was logged in. Please try again.');
    }
    // snippet: sso-login
    const { claims, issuer } = login;
    const from = diiFromClaims(claims, issuer);
    const name = String(claims['name'] ?? claims['sub']);
    begin(session, { name, via: 'single sign-on', ...from });
    if ('dii' in from) await identities.generate(session, 'uid2', from.dii);
    return reply.redirect(start.next, 303);
    // end snippet
  });
}
