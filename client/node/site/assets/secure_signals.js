// SPDX-License-Identifier: Apache-2.0
import { showEvent, showSignals } from './panels.js';

const { afterLogin } = JSON.parse(document.getElementById('page-data').textContent);

// What the tag's stand-in tells; Google's own does not.
document.addEventListener('gpt:provider', ({ detail }) => {
  showEvent('Provider registered', `with ${detail.join(' and ')}`);
});
document.addEventListener('gpt:clear', () => showEvent('Cache cleared', ''));
document.addEventListener('gpt:request', ({ detail }) => {
  showSignals({
    secure_signals: detail.map(({ id, token }) => ({ source: id, id: token ?? null })),
  });
  for (const { id, cached, token } of detail) {
    showEvent(
      'Signal',
      `${id}: ${token ? (cached ? 'from the tag’s cache' : 'collected') : 'none'}`,
    );
  }
});
document.querySelector('[data-request-signals]')?.addEventListener('click', () => {
  window.googletag.cmd.push(() => window.googletag.pubads().refresh());
});

// snippet: tag
window.googletag ??= { cmd: [] };
window.googletag.cmd.push(() => {
  const { googletag } = window;
  // The tag keeps the signals of whoever was logged in before.
  if (afterLogin) googletag.secureSignalProviders.clearAllCache();
  // With a nonce in the content security policy Google asks for this.
  googletag.pubads().setForceSafeFrame(true);
  googletag
    .defineSlot('/6355419/Travel/Europe', [300, 250], 'ad-slot')
    .addService(googletag.pubads());
  googletag.enableServices();
  googletag.display('ad-slot');
});
// end snippet
