// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';

/** TLS towards the service, by PEM files. */
export interface TlsOptions {
  /** The certificate authorities that may sign the service's certificate; default: the system's. */
  readonly caFile?: string;
  /**
   * This client's own certificate, with intermediates, and its private key, for a service that
   * asks for them (mTLS). Both or neither.
   */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** The name that the service's certificate must have, where it is not the address's. */
  readonly serverName?: string;
}

/** What the files held at one moment; checked, so that gRPC can use it. */
export class TlsFiles {
  readonly #pem: readonly (Buffer | null)[];

  private constructor(pem: readonly (Buffer | null)[]) {
    this.#pem = pem;
  }

  /** Throws an Error that names the option and the file at fault. */
  static read(options: TlsOptions): TlsFiles {
    if ((options.certificateFile === undefined) !== (options.keyFile === undefined)) {
      throw new TypeError('tls.certificateFile and tls.keyFile need each other: give both');
    }
    const ca = readPem('caFile', options.caFile, (pem) => new X509Certificate(pem));
    const key = readPem('keyFile', options.keyFile, createPrivateKey);
    const certificate = readPem('certificateFile', options.certificateFile, (pem) => {
      return new X509Certificate(pem);
    });
    if (certificate !== null && key !== null) {
      if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
        throw new Error(
          `tls.certificateFile: the key in ${options.keyFile} is not that of the certificate in ` +
            `${options.certificateFile}`,
        );
      }
    }
    // What is left: a second certificate of a file that is broken, say.
    createSecureContext({
      ...(ca && { ca }),
      ...(certificate && { cert: certificate }),
      ...(key && { key }),
    });
    return new TlsFiles([ca, key, certificate]);
  }

  equals(other: TlsFiles): boolean {
    return this.#pem.every((pem, index) => {
      const theirs = other.#pem[index];
      return pem === null || theirs == null ? pem === theirs : pem.equals(theirs);
    });
  }

  toCredentials(): ChannelCredentials {
    const [ca = null, key = null, certificate = null] = this.#pem;
    return credentials.createSsl(ca, key, certificate);
  }
}

function readPem(
  option: string,
  path: string | undefined,
  parse: (pem: Buffer) => unknown,
): Buffer | null {
  if (path === undefined) return null;
  try {
    const pem = readFileSync(path);
    parse(pem);
    return pem;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`tls.${option}: cannot use ${path}: ${why}`, { cause: error });
  }
}
