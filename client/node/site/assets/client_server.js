// SPDX-License-Identifier: Apache-2.0
import { removeForeignIdentities } from './foreign_identity.js';
import { isDisconnected } from './logout.js';
import { showAdRequest } from './panels.js';
import { report, watchSdk } from './sdk_panel.js';

const { baseUrl, reason } = JSON.parse(document.getElementById('page-data').textContent);
let hasAds = false;
let hasAsked = false;

removeForeignIdentities('__uid_2', 'UID2-sdk-identity');

// snippet: init
// The web tier's data block: an identity once after a login,
// or the record of an opt-out.
const block = document.getElementById('identity');
const given = block ? JSON.parse(block.textContent) : undefined;
const optedOut = given?.status === 'optout';

window.__uid2 ??= {};
window.__uid2.callbacks ??= [];
window.__uid2.callbacks.push(onIdentity); // 1-g
window.__uid2.callbacks.push((event) => {
  if (event !== 'SdkLoaded') return;
  const { __uid2 } = window;
  if (optedOut) {
    __uid2.disconnect(); // an older identity may be stored
    __uid2.init({ baseUrl });
    __uid2.setIdentity(given);
  } else if (given) {
    __uid2.init({ baseUrl, identity: given }); // 1-f
  } else {
    __uid2.init({ baseUrl }); // with what the SDK has stored
  }
});

// The SDK says some things twice: that must do no harm.
function onIdentity(event, payload) {
  report(event, payload);
  if (event === 'SdkLoaded' || isDisconnected()) return;
  const { __uid2 } = window;
  if (optedOut || __uid2.hasOptedOut()) requestFirstAds();
  else if (payload.identity) requestFirstAds();
  else if (__uid2.isLoginRequired()) askWebTier();
  // Otherwise a refresh is running: the next call brings its result.
}
// end snippet

// snippet: bid
function advertisingToken() {
  const { __uid2 } = window;
  if (optedOut || __uid2.hasOptedOut()) return undefined;
  // The SDK goes on returning a token whose time is over.
  const identity = __uid2.getIdentity();
  const isGood = identity && identity.identity_expires > Date.now();
  return isGood ? identity.advertising_token : undefined;
}

function requestAds() {
  const id = advertisingToken(); // 2-a: read when it is used, never kept
  const eids = id ? [{ source: 'uidapi.com', uids: [{ id, atype: 3 }] }] : [];
  showAdRequest({ user: { eids } });
}
// end snippet

function requestFirstAds() {
  if (!hasAds) requestAds();
  hasAds = true;
}

// snippet: ask
// The browser's storage was cleared, or the user is back after weeks.
async function askWebTier() {
  if (hasAsked) return;
  hasAsked = true;
  const reply = await fetch('/identity/uid2').catch(() => undefined);
  const identity = reply?.status === 200 && (await reply.json());
  if (isDisconnected()) return;
  if (identity) window.__uid2.setIdentity(identity);
  else requestFirstAds();
}
// end snippet

document.querySelector('[data-request-ads]')?.addEventListener('click', requestAds);
watchSdk(() => window.__uid2, reason);
