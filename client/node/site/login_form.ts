// SPDX-License-Identifier: Apache-2.0
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Dii } from '@uid2-identity/client';

/** What a user typed into the one field for email or phone. */
export function readDii(login: string): Dii {
  const text = login.trim();
  // People write phone numbers with spaces and brackets; the service takes E.164 only.
  return /^\+[\d\s().-]+$/.test(text) ? { phone: text.replace(/[^\d+]/g, '') } : { email: text };
}

/** One account, however its login is written. */
export function accountOf(dii: Dii): string {
  return dii.email?.toLowerCase() ?? dii.phone ?? '';
}

/** In place of a user database: every account has the same password. */
export function passwordMatches(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** What the service says of an input that it refuses, in words for the user. */
export function inputMessage(reason: string): string {
  switch (reason) {
    case 'PHONE_NOT_E164':
      return 'That is not a phone number with its country code, such as +1 234 567 8901.';
    case 'EMAIL_INVALID':
      return 'That is not an email address, such as ada@example.com.';
    default:
      return 'Enter an email address, or a phone number that begins with + and its country code.';
  }
}

/** Only pages of this site: a `next` from elsewhere would make the login an open redirect. */
export function nextPage(next: unknown, pages: readonly string[]): string {
  return typeof next === 'string' && pages.includes(next) ? next : '/identity';
}
