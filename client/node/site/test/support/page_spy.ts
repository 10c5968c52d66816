// SPDX-License-Identifier: Apache-2.0
import type { Page } from 'playwright-core';

type Eid = { source: string; uids: { id: string; atype: number }[] };

/** An ad request that the page made. */
export interface AdRequest {
  readonly user: { readonly eids?: Eid[]; readonly ext?: { eids: Eid[] } };
}

/** Notes the ad requests and SDK events of every page that a tab opens from now on. */
export async function spyOnAds(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const spied = {
      requests: [] as unknown[],
      signals: [] as unknown[],
      clears: 0,
      providers: [] as unknown[],
    };
    Object.assign(window, { spied });
    document.addEventListener('adrequest', (event) => {
      spied.requests.push((event as CustomEvent<unknown>).detail);
    });
    document.addEventListener('gpt:request', (event) => {
      spied.signals.push((event as CustomEvent<unknown>).detail);
    });
    document.addEventListener('gpt:provider', (event) => {
      spied.providers.push((event as CustomEvent<unknown>).detail);
    });
    document.addEventListener('gpt:clear', () => ++spied.clears);
  });
}

export interface Spied {
  readonly requests: AdRequest[];
  readonly signals: { id: string; token?: string; cached: boolean }[][];
  readonly providers: string[][];
  readonly clears: number;
}

export function spied(page: Page): Promise<Spied> {
  return page.evaluate(() => (window as unknown as { spied: Spied }).spied);
}

/** Waits for the page's first ad request since it was loaded. */
export async function firstAdRequest(page: Page): Promise<AdRequest> {
  await page.waitForFunction(() => {
    const { requests } = (window as unknown as { spied: { requests: unknown[] } }).spied;
    return requests.length > 0;
  });
  const { requests } = await spied(page);
  if (!requests[0]) throw new Error('there is one');
  return requests[0];
}

/** The token in an ad request. */
export function tokenIn(request: AdRequest | undefined): string | undefined {
  const eids = request?.user.eids ?? request?.user.ext?.eids ?? [];
  return eids[0]?.uids[0]?.id;
}
