// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance, preHandlerHookHandler } from 'fastify';

/** Refuses a form without the token that its page was given. */
export function checkCsrf(app: FastifyInstance): preHandlerHookHandler {
  return (request, reply, done) => app.csrfProtection(request, reply, done);
}

/** A field of a form; whoever sends it decides what it is. */
export function textField(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
