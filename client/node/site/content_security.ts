// SPDX-License-Identifier: Apache-2.0
import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { Config } from './config.ts';

/** The headers of every page. Only scripts with the response's own nonce run. */
export function securityPolicy(config: Config): FastifyHelmetOptions {
  return {
    // snippet: csp
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'strict-dynamic'"], // and the nonce of this response
        connectSrc: ["'self'", ...operators(config)], // the SDK's refreshes go to the operator
        styleSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // end snippet
    referrerPolicy: { policy: 'same-origin' },
  };
}

/**
 * For pages with Google's publisher tag: with a nonce it supports no policy but this one, and it
 * needs eval, images and frames of its own choice.
 */
export function publisherTagPolicy(config: Config): FastifyHelmetOptions {
  const policy = securityPolicy(config).contentSecurityPolicy;
  if (typeof policy !== 'object') throw new Error('there is a policy');
  return {
    contentSecurityPolicy: {
      ...policy,
      directives: {
        ...policy.directives,
        scriptSrc: ["'strict-dynamic'", "'unsafe-eval'"],
        ...(config.gptUrl && { connectSrc: ['*'], imgSrc: ['*'], frameSrc: ['*'] }),
      },
    },
  };
}

function operators({ uid2, euid }: Config): string[] {
  return [uid2, euid].flatMap((scope) => (scope ? [new URL(scope.operatorUrl).origin] : []));
}
