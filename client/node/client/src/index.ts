// SPDX-License-Identifier: Apache-2.0
export type {
  CallOptions,
  Dii,
  GenerateOutcome,
  GenerateRequest,
  RefreshOutcome,
  RefreshRequest,
} from './calls.ts';
export type { ErrorReason } from './error_reason.ts';
export { parseIdentity, type Identity } from './identity.ts';
export { IdentityClient, type ClientOptions, type TlsOptions } from './identity_client.ts';
export { IdentityError, type FieldViolation, type StatusCode } from './identity_error.ts';
export { openRtbEids, type Eid } from './openrtb.ts';
export { optOutRecord, type OptOutRecord } from './opt_out_record.ts';
export { prebidUserId, type PrebidOptions, type PrebidUserId } from './prebid.ts';
export type { Scope } from './scope.ts';
export { toScriptJson } from './script_json.ts';
export { removedSdkCookie, sdkCookie, type SdkCookieOptions } from './sdk_cookie.ts';
export { openSessionValue, sealSessionValue } from './session_value.ts';
