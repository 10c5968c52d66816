// SPDX-License-Identifier: Apache-2.0
import { Channel } from './channel.ts';
import { IdentityError } from './identity_error.ts';
import { TlsFiles, type TlsOptions } from './tls_files.ts';

/**
 * The channel to use now. Where TLS is by files they are looked at again and again, and once they
 * have changed calls go over a new channel; those in flight end on the old one.
 */
export class FollowedChannel {
  readonly #address: string;
  readonly #tls: TlsOptions | undefined;
  #files: TlsFiles | undefined;
  #channel: Channel;
  #timer: NodeJS.Timeout | undefined;
  #problem: string | undefined;
  #isClosed = false;

  constructor(address: string, tls: TlsOptions | undefined, checkMs: number) {
    this.#address = address;
    this.#tls = tls;
    this.#files = tls && TlsFiles.read(tls);
    this.#channel = new Channel(address, this.#files, tls?.serverName);
    if (tls?.caFile ?? tls?.certificateFile) {
      // It keeps no process alive.
      this.#timer = setInterval(() => this.#follow(tls), checkMs).unref();
    }
  }

  /** Throws once it has been closed. */
  get current(): Channel {
    if (this.#isClosed) throw new IdentityError('UNAVAILABLE', 'the client has been closed');
    return this.#channel;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#channel.retire();
  }

  #follow(tls: TlsOptions): void {
    try {
      const files = TlsFiles.read(tls, this.#files);
      this.#problem = undefined;
      if (files === this.#files) return;
      this.#files = files;
    } catch (error) {
      // Half written, or wrong: go on with what was good. Looked at again next time.
      this.#warn(error instanceof Error ? error.message : String(error));
      return;
    }
    const old = this.#channel;
    this.#channel = new Channel(this.#address, this.#files, this.#tls?.serverName);
    old.retire();
  }

  #warn(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    process.emitWarning(`${problem}; the files read before stay in use`, {
      type: 'IdentityClientWarning',
    });
  }
}
