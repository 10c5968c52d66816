// SPDX-License-Identifier: Apache-2.0
import { optOutRecord, toScriptJson } from '@uid2-identity/client';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './config.ts';
import { hold } from './session.ts';

// snippet: once
// What a page is given for a script that keeps it. An identity is
// given once after a login: later the script's copy is the newer one.
export function identityForPage(
  { session }: FastifyRequest,
  scope: Scope,
  store: 'sdk' | 'prebid' | 'gpt',
): string | undefined {
  const held = session.get('user') && session.get(scope);
  if (held?.outcome === 'OPTED_OUT') return toScriptJson(optOutRecord());
  if (!held || !('json' in held)) return undefined;
  const given = held.given ?? [];
  if (given.includes(store)) return undefined;
  hold(session, scope, { ...held, given: [...given, store] });
  return held.json;
}
// end snippet
