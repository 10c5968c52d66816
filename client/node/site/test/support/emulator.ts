// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Child } from './child.ts';
import { REPOSITORY } from './repository.ts';

export interface Lifetimes {
  readonly refreshFromMs: number;
  readonly identityMs: number;
  readonly refreshMs: number;
}

export type Fault = { kind: string; times?: number; endpoint?: string } & Record<string, unknown>;

/** The operator's stand-in: the emulator of this repository, as a process of its own. */
export class Emulator {
  readonly url: string;
  readonly #control: string;
  readonly #child: Child;

  private constructor(url: string, control: string, child: Child) {
    this.url = url;
    this.#control = control;
    this.#child = child;
  }

  static async start(
    scope: 'UID2' | 'EUID',
    lifetimes?: Lifetimes,
    config?: string,
  ): Promise<Emulator> {
    const args = [
      '-B',
      join(REPOSITORY, 'tests/emulator/emulator.py'),
      `--scope=${scope}`,
      '--quiet',
    ];
    args.push('--listen=127.0.0.1:0', '--control=127.0.0.1:0');
    if (config) args.push(`--config=${config}`);
    if (lifetimes) {
      args.push(`--refresh-from-ms=${lifetimes.refreshFromMs}`);
      args.push(`--identity-ms=${lifetimes.identityMs}`, `--refresh-ms=${lifetimes.refreshMs}`);
    }
    const prefixes = ['operator emulator listening on ', 'control on '];
    const { child, found } = await Child.start('/usr/bin/python3', args, prefixes);
    return new Emulator(found[0] ?? '', found[1] ?? '', child);
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const options = { method, ...(body && { body: JSON.stringify(body) }) };
    const reply = await fetch(this.#control + path, options);
    if (!reply.ok) throw new Error(`emulator: ${method} ${path}: ${reply.status}`);
    return reply.status === 204 ? undefined : reply.json();
  }

  async addFault(fault: Fault): Promise<void> {
    await this.#send('POST', '/faults', fault);
  }

  async clearFaults(): Promise<void> {
    await this.#send('DELETE', '/faults');
  }

  async optOut(dii: { email: string }): Promise<void> {
    await this.#send('POST', '/opt_outs', dii);
  }

  async resetCounters(): Promise<void> {
    await this.#send('DELETE', '/counters');
  }

  /** Calls of one endpoint that have begun. */
  async calls(endpoint: 'generate' | 'refresh'): Promise<number> {
    const counters = (await this.#send('GET', '/counters')) as {
      endpoints: Record<string, { begun: number } | undefined>;
    };
    return counters.endpoints[endpoint]?.begun ?? 0;
  }

  /** Waits until a condition such as `calls.in_progress>=1` holds. */
  async waitFor(condition: string, timeoutMs = 10_000): Promise<void> {
    await this.#send(
      'GET',
      `/counters?wait=${encodeURIComponent(condition)}&timeout_ms=${timeoutMs}`,
    );
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
