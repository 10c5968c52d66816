// SPDX-License-Identifier: Apache-2.0
import { IdentityError, parseIdentity, type Dii, type IdentityClient } from '@uid2-identity/client';
import type { Config, Scope, ScopeConfig } from './config.ts';
import type { EndedSessions } from './ended_sessions.ts';
import { hold, type Held, type HeldIdentity, type SiteSession } from './session.ts';
import { SlowCalls } from './slow_calls.ts';

/** How long a session without an identity waits before it asks again. */
const RETRY_MS = 2_000;

/** The identities of the site's sessions: asks the service and stores what it says. */
export class Identities {
  readonly #client: IdentityClient;
  readonly #config: Config;
  readonly #ended: EndedSessions;
  readonly #slow = new SlowCalls();

  constructor(client: IdentityClient, config: Config, ended: EndedSessions) {
    this.#client = client;
    this.#config = config;
    this.#ended = ended;
  }

  /**
   * Steps 1-d and 1-e. Throws IdentityError only where the user's own input is at fault;
   * whatever else goes wrong must not keep a user from logging in.
   */
  async generate(
    session: SiteSession,
    scope: Scope,
    dii: Dii,
    tcfConsentString?: string,
  ): Promise<Held> {
    const timeoutMs = this.#config.timeoutMs.login;
    return this.#generate(session, scope, dii, timeoutMs, tcfConsentString);
  }

  /** Up to date as far as the service can say within the deadline of a page view. */
  async current(session: SiteSession, scope: Scope): Promise<Held | undefined> {
    const held = session.get(scope);
    if (!held) return undefined;
    if ('json' in held) return this.#refresh(session, scope, held, false);
    const dii = session.get('user')?.dii;
    if (held.outcome !== 'UNAVAILABLE' || held.retryAt > Date.now() || !dii || scope === 'euid')
      return held;
    return this.#generate(session, scope, dii, this.#config.timeoutMs.page);
  }

  /** Asks the operator even where the identity is not due. */
  async refreshNow(session: SiteSession, scope: Scope): Promise<Held | undefined> {
    const held = session.get(scope);
    return held && 'json' in held ? this.#refresh(session, scope, held, true) : held;
  }

  #scope(scope: Scope): ScopeConfig {
    const config = this.#config[scope];
    if (!config) throw new Error(`scope ${scope} is not configured`);
    return config;
  }

  #storeFor(session: SiteSession, scope: Scope): (held: Held) => Held {
    const sessionId = session.get('user')?.sessionId ?? '';
    // After a logout meanwhile, storing would bring the session back.
    return (held) => (this.#ended.has(sessionId) ? held : hold(session, scope, held));
  }

  async #generate(
    session: SiteSession,
    scope: Scope,
    dii: Dii,
    timeoutMs: number,
    tcfConsentString?: string,
  ): Promise<Held> {
    const { participant } = this.#scope(scope);
    const kind = `generate ${scope}`;
    const pause = this.#slow.pause(kind);
    const store = this.#storeFor(session, scope);
    if (pause) return store(unavailable(pause));
    const startedAt = Date.now();
    // snippet: generate
    try {
      const reply = await this.#client.generateIdentity(
        { ...dii, participant, ...(tcfConsentString && { tcfConsentString }) },
        { timeoutMs },
      );
      switch (reply.outcome) {
        case 'ISSUED': // Step 1-e: the identity, to be passed on as it stands.
          return store({ outcome: 'ISSUED', json: reply.identity.json, since: Date.now() });
        case 'OPTED_OUT': // No identity exists. Do not ask again at each page view.
        case 'INSUFFICIENT_CONSENT':
          return store({ outcome: reply.outcome });
      }
    } catch (error) {
      if (!(error instanceof IdentityError) || error.code === 'INVALID_ARGUMENT') throw error;
      // The login goes on without an identity; a later page view asks again.
      this.#slow.failed(kind, startedAt, timeoutMs, reasonOf(error));
      return store(unavailable(reasonOf(error)));
    }
    // end snippet
  }

  async #refresh(
    session: SiteSession,
    scope: Scope,
    held: HeldIdentity,
    force: boolean,
  ): Promise<Held> {
    const store = this.#storeFor(session, scope);
    const { participant } = this.#scope(scope);
    const kind = `refresh ${scope}`;
    const pause = this.#slow.pause(kind);
    if (pause) return kept(held, pause);
    const startedAt = Date.now();
    const timeoutMs = this.#config.timeoutMs.page;
    const keep = (reason: string) => {
      this.#slow.failed(kind, startedAt, timeoutMs, reason);
      return kept(held, reason);
    };
    // snippet: refresh
    try {
      const request = { identityJson: held.json, participant, force };
      const reply = await this.#client.refreshIdentity(request, { timeoutMs });
      switch (reply.outcome) {
        case 'REFRESHED': // A new identity replaces the one in the session.
          return store({
            ...held,
            outcome: 'REFRESHED',
            json: reply.identity.json,
            since: Date.now(),
          });
        case 'NOT_DUE': // Nothing to store: parallel page views overwrite nothing newer.
          return { ...held, outcome: 'NOT_DUE' };
        case 'KEPT': // Due, but the operator did not answer; the token is still good.
          return keep(reply.keptReason);
        case 'OPTED_OUT': // The token must not be used again.
        case 'LOGIN_REQUIRED':
          return store({ outcome: reply.outcome });
      }
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      // The service itself did not answer: the same as KEPT.
      return keep(reasonOf(error));
    }
    // end snippet
  }
}

/** The old token for as long as it is good, then none. */
function kept(held: HeldIdentity, reason: string): Held {
  if (parseIdentity(held.json).identityExpires <= Date.now()) return unavailable(reason);
  return { ...held, outcome: 'KEPT', keptReason: reason };
}

/** Of an answer of the service its reason; without one the service did not answer. */
function reasonOf(error: IdentityError): string {
  return error.reason ?? error.code;
}

function unavailable(reason: string): Held {
  return { outcome: 'UNAVAILABLE', reason, retryAt: Date.now() + RETRY_MS };
}
