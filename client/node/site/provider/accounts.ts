// SPDX-License-Identifier: Apache-2.0
import type { Claims } from '../claims.ts';

export interface Account {
  readonly id: string;
  readonly description: string;
  readonly claims: Claims;
}

/** People whom a provider knows in different ways. */
export const ACCOUNTS: readonly Account[] = [
  {
    id: 'ada',
    description: 'verified email',
    claims: { name: 'Ada', email: 'ada@example.com', email_verified: true },
  },
  {
    id: 'ben',
    description: 'email not verified',
    claims: { name: 'Ben', email: 'ben@example.com', email_verified: false },
  },
  {
    id: 'cleo',
    description: 'hides her email behind a relay',
    claims: {
      name: 'Cleo',
      email: 'x7k2mq@relay.example.com',
      email_verified: true,
      is_private_email: true,
    },
  },
  {
    id: 'dan',
    description: 'verified phone number, no email',
    claims: { name: 'Dan', phone_number: '+12345678901;ext=12', phone_number_verified: true },
  },
  {
    id: 'eva',
    description: '“verified” as text instead of a boolean',
    claims: { name: 'Eva', email: 'eva@example.com', email_verified: 'true' },
  },
  { id: 'fay', description: 'neither email nor phone number', claims: { name: 'Fay' } },
];
