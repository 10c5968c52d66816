// SPDX-License-Identifier: Apache-2.0
import { disconnect } from './logout.js';

const form = document.getElementById('consent');

// snippet: consent
// The consent tool of the page tells what the user has chosen.
window.__tcfapi('addEventListener', 2, (tcData, success) => {
  if (!success) return;
  const { eventStatus, tcString } = tcData;
  const isNews = eventStatus === 'useractioncomplete';
  const isAwaited = eventStatus === 'tcloaded' && form.dataset.awaited;
  if (isNews || isAwaited) send(tcString);
});

async function send(tcString) {
  await disconnect(); // what was allowed before is over
  form.elements.tc_string.value = tcString;
  form.submit(); // the web tier generates, and the operator judges
}
// end snippet
