// SPDX-License-Identifier: Apache-2.0
// Shows what an SDK says and what it has. Nothing here is needed to integrate.
import { showEvent, showIdentity, showState } from './panels.js';

/** Adds one of the SDK's calls to the page's log. */
export function report(event, payload) {
  const detail = payload?.identity ? 'with an identity' : 'without an identity';
  showEvent(event, event === 'SdkLoaded' ? '' : detail);
}

/**
 * Keeps the page's first panel up to date. `getSdk` may return what is not yet an SDK; `reason` is
 * the web tier's word for why there is no identity.
 */
export function watchSdk(getSdk, reason) {
  const show = () => {
    const sdk = getSdk();
    if (sdk?.isInitComplete?.()) showSdk(sdk, reason);
  };
  // No event tells that a refresh token has expired.
  setInterval(show, 250);
}

function showSdk(sdk, reason) {
  const identity = sdk.hasOptedOut() ? null : sdk.getIdentity();
  showIdentity(identity);
  if (sdk.hasOptedOut()) {
    showState('none', 'Opted out', 'Ads are untargeted. The user is not asked to log in for it.');
  } else if (sdk.isLoginRequired() && reason) {
    showState(reason.tone, reason.title, reason.text);
  } else if (sdk.isLoginRequired()) {
    showState('none', 'Login required', 'No identity is left to refresh. Log out and in again.');
  } else if (identity && identity.identity_expires > Date.now()) {
    showState('good', 'Identity available', 'The SDK keeps it and refreshes it in the background.');
  } else {
    showState(
      'wait',
      'Waiting for a refresh',
      'The token has expired; the next one is on its way.',
    );
  }
}
