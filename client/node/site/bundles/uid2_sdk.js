// SPDX-License-Identifier: Apache-2.0
// The UID2 SDK for JavaScript. npm has its EUID build only; the engine is the same one, and the
// four product details below make the difference. In production the page loads UID2's own script.
import { installed } from './without_euid.js';
import { EventType, SdkBase } from '@unified-id/euid-sdk';

window.__euid = installed;
if (installed === undefined) delete window.__euid;

const product = {
  name: 'UID2',
  defaultBaseUrl: 'https://prod.uidapi.com',
  localStorageKey: 'UID2-sdk-identity',
  cookieName: '__uid_2',
};

class UID2 extends SdkBase {
  constructor(callbacks) {
    super(callbacks, product);
  }

  start() {
    this._callbackManager.runCallbacks(EventType.SdkLoaded, {});
    // The options of an earlier page: the SDK starts itself with them.
    const options = localStorage.getItem(`${product.localStorageKey}_config`);
    if (options) this.init(JSON.parse(options));
  }
}

if (!window.__uid2 || !('init' in window.__uid2)) {
  window.__uid2 = new UID2(window.__uid2?.callbacks ?? []);
  window.__uid2.start();
}
