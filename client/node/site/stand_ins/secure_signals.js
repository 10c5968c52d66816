// SPDX-License-Identifier: Apache-2.0
// Stands in for UID2's secure signals script, which no package registry has: registers a provider
// with the publisher tag, whose collector hands over the advertising token.
(() => {
  const TRIES = 3;

  async function collect() {
    let reason;
    for (let i = 0; i < TRIES; ++i) {
      try {
        // The page's own function beats the SDK.
        if (typeof window.getUid2AdvertisingToken === 'function') {
          return await window.getUid2AdvertisingToken();
        }
        return await window.__uid2.getAdvertisingTokenAsync();
      } catch (error) {
        reason = error;
      }
    }
    throw reason;
  }

  function registerSecureSignalProvider() {
    window.googletag ??= { cmd: [] };
    window.googletag.secureSignalProviders ??= [];
    window.googletag.secureSignalProviders.push({ id: 'uidapi.com', collectorFunction: collect });
  }

  window.__uid2SecureSignalProvider = { registerSecureSignalProvider };
  if (typeof window.getUid2AdvertisingToken === 'function') {
    registerSecureSignalProvider();
    return;
  }
  // With the SDK: once for the first identity, and once more for each IdentityUpdated with one.
  let isRegistered = false;
  window.__uid2 ??= { callbacks: [] };
  window.__uid2.callbacks?.push((event) => {
    if (!window.__uid2.getIdentity?.()) return;
    if (isRegistered && event !== 'IdentityUpdated') return;
    isRegistered = true;
    registerSecureSignalProvider();
  });
})();
