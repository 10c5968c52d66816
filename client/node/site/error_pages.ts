// SPDX-License-Identifier: Apache-2.0
import type { FastifyInstance } from 'fastify';
import { render } from './page.ts';
import type { Site } from './site.ts';

const TEXTS: Readonly<Record<number, readonly [title: string, text: string]>> = {
  403: [
    'This form is out of date',
    'It was made for an earlier session, so nothing was done. Go back to the page, reload it and try again.',
  ],
  404: ['There is no such page', 'The address may be old or mistyped.'],
  413: ['That is too much', 'The form that was sent is larger than any of this site.'],
};

const OTHER = [
  'Something went wrong here',
  'It is not your fault. Please try again in a moment.',
] as const;

/** Pages for what goes wrong; they say nothing of the inside. */
export function handleErrors(app: FastifyInstance, site: Site): void {
  app.setErrorHandler<Error & { statusCode?: number }>(async (error, request, reply) => {
    const status = error.statusCode ?? 500;
    // The message of an unforeseen error may quote what a user sent.
    if (status >= 500) {
      request.log.error({ name: error.name, frames: framesOf(error) }, 'request failed');
    }
    return failure(site, reply, status);
  });
  app.setNotFoundHandler(async (_request, reply) => failure(site, reply, 404));
}

function failure(site: Site, reply: Parameters<typeof render>[0], status: number) {
  const [title, text] = TEXTS[status] ?? OTHER;
  return render(reply.code(status), site, 'message', { title, text });
}

function framesOf({ stack }: Error): readonly string[] {
  return stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
}
