import type { FastifyRequest } from 'fastify';
import type { Scope } from './config.ts';
import { hold, type Held } from './session.ts';
import { scriptJson } from './page.ts';

/** How long an opt-out is remembered in the page: what the SDK itself does. */
const OPT_OUT_MS = 72 * 3_600_000;

/**
 * What the page's script is given for a script that keeps it: the SDK's or Prebid.js' own store.
 * An identity is given once after a login; later the copy in that store may be the newer one.
 */
export function identityForPage(request: FastifyRequest, scope: Scope, store: string): string | undefined {
  const held = request.session.get(scope);
  if (held?.outcome === 'OPTED_OUT') return optOutRecord(Date.now());
  if (!held || !('json' in held) || held.given?.includes(store)) return undefined;
  markGiven(request, scope, held, store);
  return held.json;
}

export function markGiven(request: FastifyRequest, scope: Scope, held: Held & { json: string }, store: string): void {
  const given = new Set([...(held.given ?? []), store]);
  hold(request.session, scope, { ...held, given: [...given] });
}

/** What `setIdentity` takes to make the SDK forget an older identity. */
function optOutRecord(now: number): string {
  const expires = now + OPT_OUT_MS;
  return scriptJson({ status: 'optout', identity_expires: expires, refresh_expires: expires });
}
