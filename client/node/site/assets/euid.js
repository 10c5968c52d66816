// SPDX-License-Identifier: Apache-2.0
import { removeForeignIdentities } from './foreign_identity.js';
import { isDisconnected } from './logout.js';
import { showAdRequest } from './panels.js';
import { report, watchSdk } from './sdk_panel.js';

const { baseUrl, hasConsent } = JSON.parse(document.getElementById('page-data').textContent);
const block = document.getElementById('identity');
const given = block ? JSON.parse(block.textContent) : undefined;
const optedOut = given?.status === 'optout';
const isForbidden = optedOut || !hasConsent;
let hasAds = false;
let hasAsked = false;

removeForeignIdentities('__euid', 'EUID-sdk-identity');

// snippet: init
window.__euid ??= {};
window.__euid.callbacks ??= [];
window.__euid.callbacks.push(onIdentity); // 1-g
window.__euid.callbacks.push((event) => {
  if (event !== 'SdkLoaded') return;
  // Without consent nothing may stay stored, or be refreshed: the
  // operator checks no consent when it refreshes.
  const { __euid } = window;
  if (isForbidden) __euid.disconnect();
  if (given && !optedOut) {
    __euid.init({ baseUrl, identity: given }); // 1-f
  } else {
    __euid.init({ baseUrl }); // with what the SDK has stored
  }
  if (optedOut) __euid.setIdentity(given);
});

function onIdentity(event, payload) {
  report(event, payload);
  if (event === 'SdkLoaded' || isDisconnected()) return;
  const { __euid } = window;
  if (isForbidden || __euid.hasOptedOut()) requestFirstAds();
  else if (payload.identity) requestFirstAds();
  else if (__euid.isLoginRequired()) askWebTier();
}
// end snippet

function advertisingToken() {
  const { __euid } = window;
  if (isForbidden || __euid.hasOptedOut()) return undefined;
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
  if (hasAsked) return;
  hasAsked = true;
  const reply = await fetch('/identity/euid').catch(() => undefined);
  const identity = reply?.status === 200 && (await reply.json());
  if (isDisconnected()) return;
  if (identity) window.__euid.setIdentity(identity);
  else requestFirstAds();
}

document.querySelector('[data-request-ads]')?.addEventListener('click', requestAds);
if (hasConsent) watchSdk(() => window.__euid);
