// SPDX-License-Identifier: Apache-2.0
import type { Held, SiteSession, User } from './session.ts';

export interface OutcomeText {
  readonly tone: 'good' | 'wait' | 'none';
  readonly title: string;
  readonly text: string;
}

/** What an outcome means, in words for whoever looks at the page. */
export function outcomeText(held: Held | undefined, user?: User): OutcomeText {
  switch (held?.outcome) {
    case undefined:
      return {
        tone: 'none',
        title: 'No identity',
        text:
          user?.withoutDii ?? 'Nobody is logged in, or nothing has been asked of the service yet.',
      };
    case 'ISSUED':
      return {
        tone: 'good',
        title: 'Issued',
        text: 'The service has just generated this identity.',
      };
    case 'REFRESHED':
      return {
        tone: 'good',
        title: 'Refreshed',
        text: 'A refresh was due, and the operator answered with a new identity.',
      };
    case 'NOT_DUE':
      return {
        tone: 'good',
        title: 'Not due',
        text: 'The identity is fresh. The service answered without asking the operator.',
      };
    case 'KEPT':
      return {
        tone: 'wait',
        title: 'Kept through an outage',
        text: `A refresh was due and failed (${held.keptReason ?? 'unknown reason'}). The advertising token is still good, so the page goes on with it.`,
      };
    case 'OPTED_OUT':
      return {
        tone: 'none',
        title: 'Opted out',
        text: 'The user has opted out. No identity exists, ads are untargeted, and nobody asks the user to log in again for it.',
      };
    case 'INSUFFICIENT_CONSENT':
      return {
        tone: 'none',
        title: 'Insufficient consent',
        text: 'The consent string does not cover what the operator needs. No identity was issued.',
      };
    case 'LOGIN_REQUIRED':
      return {
        tone: 'none',
        title: 'Login required',
        text: 'The refresh token has expired or is not known. A new identity needs the email or phone number again: log out and in.',
      };
    case 'UNAVAILABLE':
      return {
        tone: 'wait',
        title: 'Not available now',
        text: `The service could not say (${held.reason}). The site goes on without an identity and asks again at a later page view.`,
      };
  }
}

/** Why a page has no UID2 identity; undefined: it has one, or its script will know. */
export function reasonForNone(session: SiteSession): OutcomeText | undefined {
  const held = session.get('uid2');
  return held && 'json' in held ? undefined : outcomeText(held, session.get('user'));
}
