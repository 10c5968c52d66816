// SPDX-License-Identifier: Apache-2.0
// Stands in for Google's publisher tag: does with secure signals what the page can see of it, and
// tells the page what an ad request would carry.
(() => {
  const CACHE = '_GESPSK-';
  const MAX_WAIT_MS = 2000;
  const googletag = (window.googletag ??= {});
  const providers = new Map();

  async function signal({ id, collectorFunction }) {
    const cached = JSON.parse(localStorage.getItem(CACHE + id) ?? 'null');
    if (cached) return { id, token: cached[1], cached: true };
    try {
      const token = await collectorFunction();
      localStorage.setItem(CACHE + id, JSON.stringify([id, token, Date.now()]));
      return { id, token, cached: false };
    } catch {
      return { id, token: undefined, cached: false };
    }
  }

  const firstProvider = Promise.withResolvers();
  const wait = new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS));

  async function requestAds() {
    await Promise.race([firstProvider.promise, wait]);
    const signals = await Promise.all([...providers.values()].map(signal));
    document.dispatchEvent(new CustomEvent('gpt:request', { detail: signals }));
  }

  const waiting = googletag.secureSignalProviders ?? [];
  googletag.secureSignalProviders = {
    push(provider) {
      providers.set(provider.id, provider);
      firstProvider.resolve();
      document.dispatchEvent(new CustomEvent('gpt:provider', { detail: Object.keys(provider) }));
    },
    clearAllCache() {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(CACHE)) localStorage.removeItem(key);
      }
      document.dispatchEvent(new CustomEvent('gpt:clear'));
    },
  };
  waiting.forEach((provider) => googletag.secureSignalProviders.push(provider));

  const slot = { addService: () => slot };
  Object.assign(googletag, {
    defineSlot: () => slot,
    enableServices() {},
    display: () => void requestAds(),
    pubads: () => ({ setForceSafeFrame() {}, refresh: () => void requestAds() }),
  });
  const commands = googletag.cmd ?? [];
  googletag.cmd = { push: (...all) => all.forEach((command) => command()) };
  commands.forEach((command) => command());
})();
