import { optOutRecord, toScriptJson } from '@uid2-identity/client';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './config.ts';
import { hold, type HeldIdentity } from './session.ts';

/**
 * What the page's script is given for a script that keeps it: the SDK's or Prebid.js' own store.
 * An identity is given once after a login; later the copy in that store may be the newer one.
 */
export function identityForPage(request: FastifyRequest, scope: Scope, store: string): string | undefined {
  const held = request.session.get(scope);
  if (held?.outcome === 'OPTED_OUT') return toScriptJson(optOutRecord());
  if (!held || !('json' in held) || held.given?.includes(store)) return undefined;
  markGiven(request, scope, held, store);
  return held.json;
}

export function markGiven(request: FastifyRequest, scope: Scope, held: HeldIdentity, store: string): void {
  const given = new Set([...(held.given ?? []), store]);
  hold(request.session, scope, { ...held, given: [...given] });
}
