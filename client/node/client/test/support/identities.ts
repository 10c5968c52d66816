// SPDX-License-Identifier: Apache-2.0
/** An identity's JSON as the service writes it; the fields replace or add some. */
export function identityJson(fields: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    advertising_token: 'A4AAAAad+/vertising==',
    refresh_token: 'AAAArefresh==',
    identity_expires: 1_800_000_000_000,
    refresh_from: 1_799_999_000_000,
    refresh_expires: 1_802_592_000_000,
    refresh_response_key: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    ...fields,
  });
}
