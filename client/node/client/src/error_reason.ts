// SPDX-License-Identifier: Apache-2.0
import type { ErrorReason as Names } from './generated/uid2/identity/v1/ErrorReason.ts';

/**
 * Why a call failed: a name of ErrorReason in error_reason.proto, which says what each means. A
 * newer service may have more of them.
 */
export type ErrorReason =
  Exclude<keyof typeof Names, 'ERROR_REASON_UNSPECIFIED'> | (string & Record<never, never>);
