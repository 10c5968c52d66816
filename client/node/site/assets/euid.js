import { showAdRequest } from './panels.js';
import { report, watchSdk } from './sdk_panel.js';

const { baseUrl, hasConsent } = JSON.parse(document.getElementById('page-data').textContent);
const block = document.getElementById('identity');
const given = block ? JSON.parse(block.textContent) : undefined;
let hasAds = false;
let hasAsked = false;

// snippet: init
window.__euid ??= {};
window.__euid.callbacks ??= [];
window.__euid.callbacks.push(onIdentity); // 1-g
window.__euid.callbacks.push((event) => {
  if (event !== 'SdkLoaded') return;
  // Without consent nothing may stay stored, or be refreshed: the
  // operator checks no consent when it refreshes.
  if (!hasConsent) window.__euid.disconnect();
  if (given?.status === 'optout') {
    window.__euid.init({ baseUrl });
    window.__euid.setIdentity(given);
  } else if (given) {
    window.__euid.init({ baseUrl, identity: given }); // 1-f
  } else {
    window.__euid.init({ baseUrl });
  }
});

function onIdentity(event, payload) {
  report(event, payload);
  if (event === 'SdkLoaded') return;
  const { __euid } = window;
  if (!hasConsent || __euid.hasOptedOut() || payload.identity) requestFirstAds();
  else if (__euid.isLoginRequired()) askWebTier();
}
// end snippet

function advertisingToken() {
  const { __euid } = window;
  if (!hasConsent || __euid.hasOptedOut()) return undefined;
  const identity = __euid.getIdentity();
  const isGood = identity && identity.identity_expires > Date.now();
  return isGood ? identity.advertising_token : undefined;
}

function requestAds() {
  const id = advertisingToken();
  const eids = id ? [{ source: 'euid.eu', uids: [{ id, atype: 3 }] }] : [];
  showAdRequest({ user: { eids } });
}

function requestFirstAds() {
  if (!hasAds) requestAds();
  hasAds = true;
}

async function askWebTier() {
  if (hasAsked) return requestFirstAds();
  hasAsked = true;
  const reply = await fetch('/identity/euid').catch(() => undefined);
  if (reply?.status === 200) window.__euid.setIdentity(await reply.json());
  else requestFirstAds();
}

document.querySelector('[data-request-ads]')?.addEventListener('click', requestAds);
if (hasConsent) watchSdk(() => window.__euid);
