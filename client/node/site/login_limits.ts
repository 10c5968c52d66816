// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from './config.ts';

/** Seconds until the next attempt may be made; undefined: it may be made now. */
export type LoginLimit = (request: FastifyRequest, account: string) => Promise<number | undefined>;

/** Bounds the attempts to log in, by the address they come from and by the account they name. */
export function loginLimits(app: FastifyInstance, { loginsPerMinute }: Config): LoginLimit {
  // Memory holds no email or phone number, only what this process can recompute.
  const key = randomBytes(32);
  const accounts = new WeakMap<FastifyRequest, string>();
  const options = { timeWindow: '1 minute', cache: 20_000 };
  // snippet: limits
  const byAddress = app.createRateLimit({
    ...options,
    max: loginsPerMinute.address,
    keyGenerator: (request) => request.ip,
  });
  const byAccount = app.createRateLimit({
    ...options,
    max: loginsPerMinute.account,
    keyGenerator: (request) => accounts.get(request) ?? '',
  });
  // end snippet
  return async (request, account) => {
    accounts.set(request, createHmac('sha256', key).update(account).digest('base64'));
    for (const check of [byAddress, byAccount]) {
      const limit = await check(request);
      if (!limit.isAllowed && limit.isExceeded) return limit.ttlInSeconds;
    }
    return undefined;
  };
}
