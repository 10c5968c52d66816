// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority in a folder of its own, and what it has signed; paths of PEM files. */
export class CertificateAuthority {
  readonly certificate: string;
  readonly #folder: string;
  readonly #key: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.certificate = join(folder, 'ca.pem');
    this.#key = join(folder, 'ca.key');
    this.#openssl(['-x509', '-subj', '/CN=test authority'], this.certificate, this.#key);
  }

  /** A certificate for this DNS name, signed by the authority. */
  issue(name: string): KeyPair {
    const certificate = join(this.#folder, `${name}.pem`);
    const key = join(this.#folder, `${name}.key`);
    const by = ['-x509', '-CA', this.certificate, '-CAkey', this.#key];
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    this.#openssl([...by, ...names, '-addext', 'basicConstraints=CA:FALSE'], certificate, key);
    return { certificate, key };
  }

  #openssl(args: readonly string[], certificate: string, key: string): void {
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    execFileSync('openssl', ['req', ...newKey, '-keyout', key, '-out', certificate, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
}
