// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process of another program, ended with the test. */
export class Child {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Starts a program and returns what follows each of `prefixes` on its first lines. */
  static async start(command: string, args: readonly string[], prefixes: readonly string[]) {
    const process = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const child = new Child(process);
    const found: string[] = [];
    const lines = createInterface({ input: process.stdout });
    for await (const line of lines) {
      const prefix = prefixes[found.length] ?? '';
      if (!line.startsWith(prefix)) break;
      found.push(line.slice(prefix.length).trim());
      if (found.length === prefixes.length) break;
    }
    process.stdout.resume();
    if (found.length < prefixes.length) {
      await child.stop();
      throw new Error(`${command} did not start`);
    }
    return { child, found };
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGCONT');
    this.#process.kill('SIGTERM');
    await ended;
  }
}
