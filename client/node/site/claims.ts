// SPDX-License-Identifier: Apache-2.0
import type { Dii } from '@uid2-identity/client';

export type Claims = Readonly<Record<string, unknown>>;

export type FromClaims =
  | { readonly dii: Dii }
  /** Why the login goes on without an identity, in words for the user. */
  | { readonly withoutDii: string };

const APPLE = 'https://appleid.apple.com';
const GOOGLE = 'https://accounts.google.com';
const E164 = /^\+\d{10,15}$/;

// snippet: claims
/** Exactly one of a verified email and a verified phone number, or why there is neither. */
export function diiFromClaims(claims: Claims, issuer: string): FromClaims {
  const { email, phone_number: phone } = claims;
  if (typeof email === 'string' && email !== '') return emailFromClaims(email, claims, issuer);
  if (typeof phone === 'string' && claims['phone_number_verified'] === true) {
    const number = phone.replace(/;ext=.*$/, '');
    if (E164.test(number)) return { dii: { phone: number } };
  }
  return { withoutDii: 'The provider gave no verified email address or phone number.' };
}

function emailFromClaims(email: string, claims: Claims, issuer: string): FromClaims {
  // Only Apple sends its booleans as text at times.
  const isTrue = (name: string) =>
    claims[name] === true || (issuer === APPLE && claims[name] === 'true');
  if (!isTrue('email_verified')) {
    return { withoutDii: 'The provider has not verified the email address.' };
  }
  if (isTrue('is_private_email')) {
    // It is known to this site alone, and the user chose to hide the real one.
    return { withoutDii: 'The provider hides the real email address behind a relay address.' };
  }
  const isGooglesOwn = email.endsWith('@gmail.com') || Boolean(claims['hd']);
  if (issuer === GOOGLE && !isGooglesOwn) {
    return { withoutDii: 'Google does not answer for who has this address today.' };
  }
  return { dii: { email } };
}
// end snippet
