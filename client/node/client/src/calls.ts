// SPDX-License-Identifier: Apache-2.0
import type { ErrorReason } from './error_reason.ts';
import type { Identity } from './identity.ts';

/** Exactly one of the four. Which rules they obey: identity_service.proto. */
export type Dii =
  | { email: string; phone?: never; emailHash?: never; phoneHash?: never }
  | { phone: string; email?: never; emailHash?: never; phoneHash?: never }
  | { emailHash: string; email?: never; phone?: never; phoneHash?: never }
  | { phoneHash: string; email?: never; phone?: never; emailHash?: never };

export type GenerateRequest = Dii & {
  /** EUID: the user's IAB TCF v2 consent string. */
  tcfConsentString?: string;
  /** Which brand or site; may be left out where the caller may use exactly one. */
  participant?: string;
};

export interface RefreshRequest {
  /** `Identity.json`, or what the SDK for JavaScript, Prebid.js or a session kept of it. */
  identityJson: string;
  /** The participant that the identity was generated for. */
  participant?: string;
  /** Ask the operator even where the identity is not due yet. */
  force?: boolean;
}

export type GenerateOutcome =
  | { readonly outcome: 'ISSUED'; readonly identity: Identity }
  /** The user has opted out: no identity exists. Do not ask again at each page view. */
  | { readonly outcome: 'OPTED_OUT' }
  /** EUID: the consent string does not cover what the operator needs. */
  | { readonly outcome: 'INSUFFICIENT_CONSENT' };

export type RefreshOutcome =
  /** A new identity: replace what you kept. */
  | { readonly outcome: 'REFRESHED'; readonly identity: Identity }
  /** The identity that was sent is fresh; the operator was not asked. */
  | { readonly outcome: 'NOT_DUE'; readonly identity: Identity }
  /** A refresh was due and failed; the identity that was sent is still good. Ask again later. */
  | { readonly outcome: 'KEPT'; readonly identity: Identity; readonly keptReason: ErrorReason }
  /** Drop the identity. */
  | { readonly outcome: 'OPTED_OUT' }
  /** Drop the identity; a new one needs the user's email or phone again. */
  | { readonly outcome: 'LOGIN_REQUIRED' };

export interface CallOptions {
  /**
   * For the whole call with all attempts at it; instead of the client's. Past it the call ends
   * with DEADLINE_EXCEEDED and is taken off the operator's wire.
   */
  readonly timeoutMs?: number;
  /** Ends the call, which is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** W3C trace context of the request that this call is made for; the service logs its id. */
  readonly traceparent?: string;
}
