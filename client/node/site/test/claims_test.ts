// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diiFromClaims, type Claims } from '../claims.ts';

const APPLE = 'https://appleid.apple.com';
const GOOGLE = 'https://accounts.google.com';
const OTHER = 'https://id.example';

describe('diiFromClaims', () => {
  const given: [name: string, issuer: string, claims: Claims, dii: object][] = [
    [
      'a verified email',
      OTHER,
      { email: 'a@b.example', email_verified: true },
      { email: 'a@b.example' },
    ],
    [
      'Apple’s "true"',
      APPLE,
      { email: 'a@b.example', email_verified: 'true' },
      { email: 'a@b.example' },
    ],
    [
      'Google’s own address',
      GOOGLE,
      { email: 'a@gmail.com', email_verified: true },
      { email: 'a@gmail.com' },
    ],
    [
      'a Workspace address',
      GOOGLE,
      { email: 'a@b.example', email_verified: true, hd: 'b.example' },
      { email: 'a@b.example' },
    ],
    [
      'a verified phone number',
      OTHER,
      { phone_number: '+12345678901', phone_number_verified: true },
      { phone: '+12345678901' },
    ],
    [
      'its extension dropped',
      OTHER,
      { phone_number: '+12345678901;ext=5', phone_number_verified: true },
      { phone: '+12345678901' },
    ],
    [
      'the email of both',
      OTHER,
      {
        email: 'a@b.example',
        email_verified: true,
        phone_number: '+12345678901',
        phone_number_verified: true,
      },
      { email: 'a@b.example' },
    ],
  ];
  for (const [name, issuer, claims, dii] of given) {
    test(`takes ${name}`, () => assert.deepEqual(diiFromClaims(claims, issuer), { dii }));
  }

  const refused: [name: string, issuer: string, claims: Claims][] = [
    ['no claims', OTHER, {}],
    ['an empty email', OTHER, { email: '', email_verified: true }],
    ['an email that is not verified', OTHER, { email: 'a@b.example', email_verified: false }],
    ['an email of which nothing is said', OTHER, { email: 'a@b.example' }],
    ['"true" of anybody but Apple', OTHER, { email: 'a@b.example', email_verified: 'true' }],
    [
      'a relay address',
      APPLE,
      { email: 'a@b.example', email_verified: true, is_private_email: true },
    ],
    [
      'a relay address said in text',
      APPLE,
      { email: 'a@b.example', email_verified: 'true', is_private_email: 'true' },
    ],
    ['another’s address at Google', GOOGLE, { email: 'a@b.example', email_verified: true }],
    ['a phone number that is not verified', OTHER, { phone_number: '+12345678901' }],
    [
      'a phone number that is not E.164',
      OTHER,
      { phone_number: '(555) 123', phone_number_verified: true },
    ],
    [
      'an unverified email beside a verified phone number',
      OTHER,
      { email: 'a@b.example', phone_number: '+12345678901', phone_number_verified: true },
    ],
  ];
  for (const [name, issuer, claims] of refused) {
    test(`refuses ${name}`, () => assert.ok('withoutDii' in diiFromClaims(claims, issuer)));
  }
});
