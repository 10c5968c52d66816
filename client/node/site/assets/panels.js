// SPDX-License-Identifier: Apache-2.0
// The panels in which a page shows what its scripts do. Nothing here is needed to integrate.
import { showLife } from './life_picture.js';

const log = document.querySelector('[data-log]');
const MOST_LINES = 50;

/** Adds a line to the page's log. */
export function showEvent(name, detail) {
  if (!log) return;
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString('en-GB');
  const strong = document.createElement('b');
  strong.textContent = name;
  line.append(time, strong, ` ${detail}`);
  log.prepend(line);
  while (log.children.length > MOST_LINES) log.lastChild.remove();
}

/** Says in the page's first panel what the state of the identity is. */
export function showState(tone, title, text) {
  const panel = document.querySelector('[data-state]');
  if (!panel) return;
  panel.className = `outcome ${tone}`;
  panel.dataset.state = title;
  panel.querySelector('strong').textContent = title;
  panel.querySelector('p').textContent = text;
}

export function showIdentity(identity) {
  showLife(identity);
}

/** A token as far as a person wants to see it. */
export function shortToken(token) {
  return `${token.slice(0, 8)}…${token.slice(-6)} (${token.length} characters)`;
}

const short = (key, value) =>
  key === 'id' && typeof value === 'string' && value.length > 40 ? shortToken(value) : value;

/** Shows an ad request, tokens shortened, and tells whoever watches the page. */
export function showAdRequest(request) {
  const panel = document.querySelector('[data-ad]');
  if (panel) panel.textContent = JSON.stringify(request, short, 2);
  document.dispatchEvent(new CustomEvent('adrequest', { detail: request }));
}

/** The same for what the publisher tag was handed. */
export function showSignals(request) {
  const panel = document.querySelector('[data-signals]');
  if (panel) panel.textContent = JSON.stringify(request, short, 2);
}
