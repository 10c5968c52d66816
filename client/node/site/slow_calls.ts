// SPDX-License-Identifier: Apache-2.0
/** After a call that took all of its time, the next ones are not made for this long. */
const PAUSE_MS = 2_000;

/** A call that leaves less than this part of its time unused counts as slow. */
const SLOW_PART = 0.8;

/**
 * Bounds what an outage costs: where a service hangs, one page view in two seconds waits for its
 * deadline, and not each. Failures that come at once cost nothing and pause nothing.
 */
export class SlowCalls {
  readonly #paused = new Map<string, { readonly until: number; readonly reason: string }>();

  /** Why calls of this kind are not to be made now; undefined: they are. */
  pause(kind: string): string | undefined {
    const paused = this.#paused.get(kind);
    return paused && Date.now() < paused.until ? paused.reason : undefined;
  }

  /** Notes a call that began at `startedAt` and has failed just now. */
  failed(kind: string, startedAt: number, timeoutMs: number, reason: string): void {
    const now = Date.now();
    if (now - startedAt < timeoutMs * SLOW_PART) return;
    this.#paused.set(kind, { until: now + PAUSE_MS, reason });
  }
}
