// SPDX-License-Identifier: Apache-2.0
// snippet: function
// Defined before the secure signals script runs, which then uses it.
window.getUid2AdvertisingToken = async () => {
  const reply = await fetch('/secure-signals/token', { method: 'POST' });
  // Without a token it must reject: a value would be handed to Google.
  if (reply.status !== 200) throw new Error('no token for this user');
  return (await reply.json()).advertising_token;
};
// end snippet
