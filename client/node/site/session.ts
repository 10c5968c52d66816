// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import type { Session, SessionData } from '@fastify/secure-session';
import type { Dii } from '@uid2-identity/client';
import type { Scope } from './config.ts';
import type { SsoStart } from './single_sign_on.ts';

declare module '@fastify/secure-session' {
  interface SessionData {
    user?: User;
    uid2?: Held;
    euid?: Held;
    /** One message for the next page. */
    notice?: string;
    /** Between the two halves of a single sign-on. */
    sso?: SsoStart & { readonly next: string };
  }
}

/** Who is logged in. The cookie is encrypted: nobody but this site reads it. */
export interface User {
  /** New at every login. */
  readonly sessionId: string;
  readonly name: string;
  readonly via: 'password' | 'single sign-on';
  /** What identities are generated from; undefined: the login gave nothing to be used for that. */
  readonly dii?: Dii;
  /** Why not, in words for the user. */
  readonly withoutDii?: string;
}

export interface HeldIdentity {
  readonly outcome: 'ISSUED' | 'REFRESHED' | 'NOT_DUE' | 'KEPT';
  /** `Identity.json`, unchanged. */
  readonly json: string;
  /** Unix milliseconds; the start of the identity's life as this site has seen it. */
  readonly since: number;
  readonly keptReason?: string;
  /** The stores in the page that have been given an identity since the login. */
  readonly given?: readonly string[];
}

/** What this session knows of its identity in one scope. */
export type Held =
  | HeldIdentity
  | { readonly outcome: 'OPTED_OUT' | 'INSUFFICIENT_CONSENT' | 'LOGIN_REQUIRED' }
  /** The service could not say; not asked again before `retryAt` (Unix milliseconds). */
  | { readonly outcome: 'UNAVAILABLE'; readonly reason: string; readonly retryAt: number };

export type SiteSession = Session<SessionData>;

/** Starts a session for a user who has just been authenticated. */
export function begin(session: SiteSession, user: Omit<User, 'sessionId'>): User {
  // Nothing of the time before the login survives it, the CSRF secret included.
  session.regenerate();
  const begun = { ...user, sessionId: randomUUID() };
  session.set('user', begun);
  return begun;
}

/** Tells the pages of one session from those of another, and gives nothing away. */
export function sessionMark(user: User | undefined): string {
  if (!user) return 'logged-out';
  return createHash('sha256').update(user.sessionId).digest('hex').slice(0, 16);
}

/** Room for a cookie's name, its attributes and what encryption and base64 add. */
const MAX_IDENTITY_CHARACTERS = 1_150;

/** Puts what is held into the session, unless a cookie cannot hold it. */
export function hold(session: SiteSession, scope: Scope, held: Held): Held {
  const fits = !('json' in held) || held.json.length <= MAX_IDENTITY_CHARACTERS;
  const kept: Held = fits
    ? held
    : { outcome: 'UNAVAILABLE', reason: 'IDENTITY_TOO_LONG', retryAt: Number.MAX_SAFE_INTEGER };
  session.set(scope, kept);
  return kept;
}
