// SPDX-License-Identifier: Apache-2.0
import type { TlsOptions } from './tls_files.ts';

/**
 * What to check after gRPC could not connect for a reason of TLS, which its own message hardly
 * names. Undefined where the message says enough, or the cause is another one.
 */
export function connectionHint(message: string, tls: TlsOptions | undefined): string | undefined {
  // OpenSSL's text for a plaintext answer.
  if (message.includes('wrong version number')) return 'the service does not use TLS';
  if (/certificate has expired|certificate is not yet valid|ALTNAME_INVALID/.test(message)) {
    return undefined;
  }
  if (/self-signed certificate|local issuer certificate|first certificate/.test(message)) {
    return `the service's certificate is not of an authority in ${tls?.caFile ?? 'the system'}`;
  }
  // A server that refuses a client closes the connection, with or without an alert.
  if (!/Failed to connect|alert|ECONNRESET|EPROTO|disconnected/.test(message)) return undefined;
  if (tls === undefined) return 'the service may require TLS, and tls is not set';
  if (tls.certificateFile === undefined) {
    return 'the service may require a client certificate (tls.certificateFile, tls.keyFile)';
  }
  return (
    `the service may not trust the authority of the client certificate in ` +
    `${tls.certificateFile}, or the certificate has expired`
  );
}
