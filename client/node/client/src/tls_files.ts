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
  readonly #ca: Buffer | null;
  readonly #certificate: Buffer | null;
  readonly #key: Buffer | null;

  private constructor(options: TlsOptions) {
    this.#ca = readFile('caFile', options.caFile);
    this.#certificate = readFile('certificateFile', options.certificateFile);
    this.#key = readFile('keyFile', options.keyFile);
  }

  /**
   * Returns `known` where the files still hold the same. Throws an Error that names the option and
   * the file at fault.
   */
  static read(options: TlsOptions, known?: TlsFiles): TlsFiles {
    if ((options.certificateFile === undefined) !== (options.keyFile === undefined)) {
      throw new TypeError('tls.certificateFile and tls.keyFile need each other: give both');
    }
    const files = new TlsFiles(options);
    if (known !== undefined && known.#equals(files)) return known;
    files.#check(options);
    return files;
  }

  toCredentials(): ChannelCredentials {
    return credentials.createSsl(this.#ca, this.#key, this.#certificate);
  }

  #equals(other: TlsFiles): boolean {
    return (
      isSame(this.#ca, other.#ca) &&
      isSame(this.#certificate, other.#certificate) &&
      isSame(this.#key, other.#key)
    );
  }

  #check(options: TlsOptions): void {
    const { caFile, certificateFile, keyFile } = options;
    const [ca, cert, key] = [this.#ca, this.#certificate, this.#key];
    const use = <Parsed>(option: string, path: string | undefined, parse: () => Parsed) =>
      attempt(`tls.${option}: cannot use ${path}`, parse);
    // Alone it would take a file without any certificate.
    if (ca) use('caFile', caFile, () => new X509Certificate(ca));
    if (ca) use('caFile', caFile, () => createSecureContext({ ca }));
    if (!cert || !key) return;
    const certificate = use('certificateFile', certificateFile, () => new X509Certificate(cert));
    const privateKey = use('keyFile', keyFile, () => createPrivateKey(key));
    if (!certificate.checkPrivateKey(privateKey)) {
      throw new Error(
        `tls.certificateFile: the key in ${keyFile} is not that of the certificate in ` +
          `${certificateFile}`,
      );
    }
    // Its intermediates too.
    use('certificateFile', certificateFile, () => createSecureContext({ cert, key }));
  }
}

// Small, and on a local disk: microseconds.
function readFile(option: string, path: string | undefined): Buffer | null {
  if (path === undefined) return null;
  return attempt(`tls.${option}: cannot read ${path}`, () => readFileSync(path));
}

function isSame(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}

/** Puts `what` before the message of an error. */
function attempt<Result>(what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${what}: ${why}`, { cause: error });
  }
}
