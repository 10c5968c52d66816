// SPDX-License-Identifier: Apache-2.0
// For pages without a user: whatever an earlier page has left behind is cleared.
import { removeForeignIdentities } from './foreign_identity.js';
import { forgetIdentities } from './logout.js';

removeForeignIdentities('__uid_2', 'UID2-sdk-identity');
removeForeignIdentities('__euid', 'EUID-sdk-identity');

// snippet: logged-out
for (const name of ['__uid2', '__euid']) {
  window[name] ??= {};
  window[name].callbacks ??= [];
  window[name].callbacks.push((event) => {
    if (event === 'SdkLoaded') window[name].disconnect();
  });
}
forgetIdentities();
// end snippet
for (const key of Object.keys(localStorage)) {
  if (key.startsWith('_GESPSK-')) localStorage.removeItem(key);
}
