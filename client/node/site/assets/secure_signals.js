import { showEvent, showSignals } from './panels.js';

const { afterLogin } = JSON.parse(document.getElementById('page-data').textContent);

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
});
// end snippet

// The first ad request waits for the provider; a real tag waits for it by itself.
let isDisplayed = false;
document.addEventListener('gpt:provider', ({ detail }) => {
  showEvent('Provider registered', `with ${detail.join(' and ')}`);
  if (!isDisplayed) window.googletag.cmd.push(() => window.googletag.display('ad-slot'));
  isDisplayed = true;
});
document.addEventListener('gpt:clear', () => showEvent('Cache cleared', ''));
document.addEventListener('gpt:request', ({ detail }) => {
  showSignals({ secure_signals: detail.map(({ id, token }) => ({ source: id, id: token ?? null })) });
  for (const { id, cached, token } of detail) {
    showEvent('Signal', `${id}: ${token ? (cached ? 'from the tag’s cache' : 'collected') : 'none'}`);
  }
});
document.querySelector('[data-request-signals]')?.addEventListener('click', () => {
  window.googletag.cmd.push(() => window.googletag.pubads().refresh());
});
