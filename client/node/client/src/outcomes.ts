// SPDX-License-Identifier: Apache-2.0
import type { GenerateOutcome, RefreshOutcome } from './calls.ts';
import type { GenerateIdentityResponse__Output } from './generated/uid2/identity/v1/GenerateIdentityResponse.ts';
import type { Identity__Output } from './generated/uid2/identity/v1/Identity.ts';
import type { RefreshIdentityResponse__Output } from './generated/uid2/identity/v1/RefreshIdentityResponse.ts';
import { withoutTokensInLogs, type Identity } from './identity.ts';
import { IdentityError } from './identity_error.ts';

/** Throws where the service answered what its protocol does not have. */
export function toGenerateOutcome(response: GenerateIdentityResponse__Output): GenerateOutcome {
  const { outcome, identity } = response;
  switch (outcome) {
    case 'ISSUED':
      return { outcome, identity: present(identity) };
    case 'OPTED_OUT':
    case 'INSUFFICIENT_CONSENT':
      return { outcome };
    default:
      throw unknownOutcome(outcome);
  }
}

/** Throws where the service answered what its protocol does not have. */
export function toRefreshOutcome(response: RefreshIdentityResponse__Output): RefreshOutcome {
  const { outcome, identity, keptReason } = response;
  switch (outcome) {
    case 'REFRESHED':
    case 'NOT_DUE':
      return { outcome, identity: present(identity) };
    case 'KEPT':
      return { outcome, identity: present(identity), keptReason };
    case 'OPTED_OUT':
    case 'LOGIN_REQUIRED':
      return { outcome };
    default:
      throw unknownOutcome(outcome);
  }
}

function present(identity: Identity__Output | null): Identity {
  if (identity !== null) return withoutTokensInLogs({ ...identity });
  throw new IdentityError('INTERNAL', 'the service answered an outcome without its identity');
}

// A newer service's, or none.
function unknownOutcome(outcome: string): IdentityError {
  return new IdentityError('INTERNAL', `the service answered an unknown outcome: ${outcome}`);
}
