// SPDX-License-Identifier: Apache-2.0
import { status, type ServiceError } from '@grpc/grpc-js';
import { connectionHint } from './connection_hint.ts';
import type { ErrorReason } from './error_reason.ts';
import type { Any__Output } from './generated/google/protobuf/Any.ts';
import type { BadRequest__Output } from './generated/google/rpc/BadRequest.ts';
import type { ErrorInfo__Output } from './generated/google/rpc/ErrorInfo.ts';
import type { RetryInfo__Output } from './generated/google/rpc/RetryInfo.ts';
import { parseStatus } from './service_definitions.ts';
import type { TlsOptions } from './tls_files.ts';

const DOMAIN = 'uid2.identity';

/** The name of a gRPC status code. */
export type StatusCode = keyof typeof status;

/** A field of the request that is at fault. */
export interface FieldViolation {
  /** Its name in the .proto file, such as "email_hash". */
  readonly field: string;
  /** What is wrong with it and what would be right. Never its value. */
  readonly description: string;
}

interface Details {
  readonly reason?: ErrorReason;
  readonly fieldViolations?: readonly FieldViolation[];
  readonly retryAfterMs?: number;
}

/**
 * A call that failed: an outcome such as an opt-out is not one. Nothing in it is secret: neither
 * the message nor a field holds DII or a token.
 */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: StatusCode;
  /**
   * What to act on. Undefined where the failure is not the service's own answer: UNAVAILABLE, no
   * connection to it; DEADLINE_EXCEEDED, the time given has passed.
   */
  readonly reason: ErrorReason | undefined;
  /** Empty where no field is at fault. */
  readonly fieldViolations: readonly FieldViolation[];
  /** When a retry may help, in milliseconds from now; undefined where that is not known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: StatusCode, message: string, details: Details = {}, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.reason = details.reason;
    this.fieldViolations = details.fieldViolations ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/**
 * What gRPC's error says, with the details that the service put into it, or with what to check
 * where TLS may be why there is no connection.
 */
export function toIdentityError(error: ServiceError, tls: TlsOptions | undefined): IdentityError {
  // Its index signature hides that a newer peer may send a code that has no name here.
  const code = (status[error.code] as StatusCode | undefined) ?? 'UNKNOWN';
  const details = readDetails(error);
  const isGrpcs = code === 'UNAVAILABLE' && details.reason === undefined;
  const hint = isGrpcs ? connectionHint(error.details, tls) : undefined;
  return new IdentityError(code, error.details + (hint ? `; ${hint}` : ''), details);
}

function readDetails(error: ServiceError): Details {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  if (!(bytes instanceof Buffer)) return {};
  const details: { -readonly [Name in keyof Details]: Details[Name] } = {};
  for (const detail of unpack(bytes)) {
    if (!('@type' in detail)) continue;
    switch (detail['@type'].split('/').pop()) {
      case 'google.rpc.ErrorInfo': {
        const { domain, reason } = detail as unknown as ErrorInfo__Output;
        if (domain === DOMAIN) details.reason = reason;
        break;
      }
      case 'google.rpc.BadRequest': {
        details.fieldViolations = (detail as unknown as BadRequest__Output).fieldViolations;
        break;
      }
      case 'google.rpc.RetryInfo': {
        const { retryDelay } = detail as unknown as RetryInfo__Output;
        if (retryDelay) details.retryAfterMs = retryDelay.seconds * 1000 + retryDelay.nanos / 1e6;
        break;
      }
    }
  }
  return details;
}

function unpack(bytes: Buffer): readonly Any__Output[] {
  try {
    return parseStatus(bytes).details;
  } catch {
    // Not the service's: something in between answered.
    return [];
  }
}
