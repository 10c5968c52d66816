// Makes everything in the page that keeps an identity forget it.

// snippet: disconnect
export async function disconnect() {
  forgetIdentities();
  // A refresh that was running writes the identity back as it is aborted: forget it once more,
  // in a later task.
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
