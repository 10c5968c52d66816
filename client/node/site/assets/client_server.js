import { showAdRequest, showEvent, showIdentity, showState } from './panels.js';

const { baseUrl } = JSON.parse(document.getElementById('page-data').textContent);
let hasAds = false;
let hasAsked = false;

// snippet: init
// The web tier's data block: an identity once after a login, or the record of an opt-out.
const block = document.getElementById('identity');
const given = block ? JSON.parse(block.textContent) : undefined;

window.__uid2 ??= {};
window.__uid2.callbacks ??= [];
window.__uid2.callbacks.push(onIdentity); // 1-g
window.__uid2.callbacks.push((event) => { // 1-f
  if (event !== 'SdkLoaded') return;
  if (given?.status === 'optout') {
    window.__uid2.init({ baseUrl });
    window.__uid2.setIdentity(given); // An older identity may still be stored.
  } else {
    window.__uid2.init({ baseUrl, ...(given && { identity: given }) });
  }
});

// The SDK calls this more than once a page: it must do no harm to hear the same thing twice.
function onIdentity(event, payload) {
  report(event, payload);
  if (event === 'SdkLoaded') return;
  if (event === 'OptoutReceived' || window.__uid2.hasOptedOut()) return requestFirstAds();
  if (payload.identity) return requestFirstAds();
  if (window.__uid2.isLoginRequired()) return askWebTier();
  // Otherwise a refresh is running: the next call brings its result.
}
// end snippet

// snippet: bid
function advertisingToken() {
  const identity = window.__uid2.getIdentity();
  // Once the refresh token has expired too, the SDK goes on returning the dead token.
  const isGood = identity && identity.identity_expires > Date.now();
  return isGood && !window.__uid2.hasOptedOut() ? identity.advertising_token : undefined;
}

function requestAds() {
  const token = advertisingToken(); // 2-a: read when it is used, never kept
  const eids = token ? [{ source: 'uidapi.com', uids: [{ id: token, atype: 3 }] }] : [];
  showAdRequest({ user: { eids } });
}
// end snippet

function requestFirstAds() {
  if (!hasAds) requestAds();
  hasAds = true;
}

async function askWebTier() {
  if (hasAsked) return requestFirstAds();
  hasAsked = true;
  const reply = await fetch('/client-server/identity').catch(() => undefined);
  if (reply?.status === 200) window.__uid2.setIdentity(await reply.json());
  else requestFirstAds();
  showSdkState();
}

document.querySelector('[data-request-ads]')?.addEventListener('click', requestAds);

function report(event, payload) {
  const identity = payload?.identity;
  showEvent(event, event === 'SdkLoaded' ? '' : identity ? 'with an identity' : 'without an identity');
  showSdkState();
}

function showSdkState() {
  const sdk = window.__uid2;
  if (!sdk.isInitComplete?.()) return;
  const identity = sdk.hasOptedOut() ? null : sdk.getIdentity();
  showIdentity(identity);
  if (sdk.hasOptedOut()) {
    showState('none', 'Opted out', 'Ads are untargeted. The user is not asked to log in for it.');
  } else if (sdk.isLoginRequired()) {
    showState('none', 'Login required', 'No identity is left to refresh. Log out and in again.');
  } else if (identity && identity.identity_expires > Date.now()) {
    showState('good', 'Identity available', 'The SDK keeps it and refreshes it in the background.');
  } else {
    showState('wait', 'Waiting for a refresh', 'The token has expired; the SDK is getting the next one.');
  }
}
setInterval(showSdkState, 1000); // No event tells that the refresh token has expired.
