// SPDX-License-Identifier: Apache-2.0
import { isDisconnected } from './logout.js';
import { showAdRequest, showEvent, showIdentity, showState } from './panels.js';

const { userId, optedOut, reason } = JSON.parse(document.getElementById('page-data').textContent);
const STORE = '__uid2_advertising_token';
const MAX_WAIT_MS = 3000;

window.pbjs ??= {};
window.pbjs.que ??= [];
window.pbjs.que.push(() => {
  window.pbjs.onEvent('bidRequested', ({ ortb2, bids }) => {
    showAdRequest({
      imp: bids.map(({ bidId }) => ({ bid: bidId })),
      user: { ext: { eids: ortb2?.user?.ext?.eids ?? [] } },
    });
  });
});

// snippet: auction
window.pbjs.que.push(async () => {
  const { pbjs } = window;
  if (optedOut) localStorage.removeItem(STORE);
  // `userId` comes from the web tier: { name: 'uid2', params: … }. The
  // identity is in it once after a login; from then on Prebid.js
  // refreshes the copy that it has stored.
  const hasIdentity = userId.params.uid2Token || localStorage.getItem(STORE);
  if (!optedOut && !hasIdentity) userId.params.uid2Token = await askWebTier();
  pbjs.setConfig({
    userSync: { userIds: optedOut ? [] : [userId], auctionDelay: 500 },
  });
  pbjs.addAdUnits([
    {
      code: 'ad',
      mediaTypes: { banner: { sizes: [[300, 250]] } },
      bids: [{ bidder: 'house', params: {} }],
    },
  ]);
  requestBids();
});

function requestBids() {
  const { pbjs } = window;
  pbjs.requestBids({ timeout: 1500, bidsBackHandler: showAuction });
}
// end snippet

async function askWebTier() {
  const reply = await fetch('/identity/uid2').catch(() => undefined);
  const identity = reply?.status === 200 ? await reply.json() : undefined;
  return isDisconnected() ? undefined : identity;
}

// snippet: ids
// Waits for a refresh that is running, but not for ever: with a reply
// that cannot be opened Prebid.js never answers.
async function eids() {
  const { pbjs } = window;
  const wait = new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS));
  await Promise.race([pbjs.getUserIdsAsync(), wait]);
  return pbjs.getUserIdsAsEids();
}
// end snippet

async function showAuction(responses) {
  const bids = Object.values(responses ?? {}).flatMap(({ bids }) => bids);
  for (const { bidder, cpm, currency, width, height } of bids) {
    showEvent('Bid', `${bidder}: ${cpm} ${currency} for ${width} × ${height}`);
  }
  if (bids.length === 0) showEvent('No bid', '');
  showIds(await eids());
}

function showIds(ids) {
  const uid2 = ids.find(({ source }) => source === 'uidapi.com');
  const stored = JSON.parse(localStorage.getItem(STORE) ?? 'null')?.latestToken;
  showIdentity(stored?.identity_expires ? stored : null);
  document.querySelector('[data-ids]').textContent = JSON.stringify(ids, null, 2).replace(
    /"id": "([^"]{8})[^"]{20,}([^"]{6})"/g,
    '"id": "$1…$2"',
  );
  if (uid2) showState('good', 'Identity available', 'Prebid.js puts it into each bid request.');
  else if (optedOut || stored === 'optout')
    showState('none', 'Opted out', 'Bid requests carry no UID2. Nobody is asked to log in for it.');
  else if (reason) showState(reason.tone, reason.title, reason.text);
  else showState('wait', 'No usable token', 'Bid requests carry no UID2 until there is one.');
}

document.querySelector('[data-request-ads]')?.addEventListener('click', requestBids);
