// SPDX-License-Identifier: Apache-2.0
// Makes everything in the page that keeps an identity forget it.

let isOver = false;

/** Whether this page has begun to forget: what its callbacks hear from now on is no news. */
export function isDisconnected() {
  return isOver;
}

// snippet: disconnect
export async function disconnect() {
  isOver = true; // The SDK's callbacks must not ask for a new identity.
  forgetIdentities();
  // A refresh that was running writes the identity back as it is
  // aborted: forget it once more, in a later task.
  await new Promise((resolve) => setTimeout(resolve));
  forgetIdentities();
}

export function forgetIdentities() {
  window.__uid2?.disconnect?.();
  window.__euid?.disconnect?.();
  localStorage.removeItem('__uid2_advertising_token'); // Prebid.js
  // The publisher tag keeps secure signals for later pages.
  const signals = window.googletag?.secureSignalProviders;
  if (signals?.clearAllCache) signals.clearAllCache();
}
// end snippet
