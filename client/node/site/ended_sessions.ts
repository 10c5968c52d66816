// SPDX-License-Identifier: Apache-2.0
/**
 * The sessions that have been logged out of, until they would have expired by themselves.
 *
 * A session cookie is readable until it expires: it comes back when a page view that began before
 * the logout answers after it, or when somebody kept a copy. A site of several processes keeps
 * this list where all of them see it.
 */
export class EndedSessions {
  readonly #forgetAt = new Map<string, number>();
  readonly #lifetimeMs: number;
  readonly #now: () => number;

  constructor(sessionSeconds: number, now: () => number = Date.now) {
    this.#lifetimeMs = sessionSeconds * 1000;
    this.#now = now;
  }

  add(id: string): void {
    const now = this.#now();
    // Insertion order is the order of time.
    for (const [oldest, forgetAt] of this.#forgetAt) {
      if (forgetAt > now) break;
      this.#forgetAt.delete(oldest);
    }
    this.#forgetAt.set(id, now + this.#lifetimeMs);
  }

  has(id: string): boolean {
    return this.#forgetAt.has(id);
  }
}
