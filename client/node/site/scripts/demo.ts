// SPDX-License-Identifier: Apache-2.0
// Starts everything that the site needs, for a look at it by hand.
import { startStack } from '../test/support/stack.ts';

const stack = await startStack({
  env: { SITE_LISTEN: process.env['SITE_LISTEN'] ?? '127.0.0.1:3000' },
});
console.log(`site listening on ${stack.url}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stack.stop());
