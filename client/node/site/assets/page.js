// SPDX-License-Identifier: Apache-2.0
// What every page of the site does.
import { disconnect } from './logout.js';
import { startLifePictures } from './life_picture.js';

// A second submit of the same form, by a double click or an impatient user, goes nowhere.
for (const form of document.querySelectorAll('form[data-once]')) {
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}

// Step 4-b comes before 4-a: once the session is gone the page is gone too.
const logout = document.getElementById('logout');
logout?.addEventListener('submit', (event) => {
  event.preventDefault();
  disconnect().then(() => logout.submit());
});

// Other tabs still run as whoever was logged in when they were loaded.
const tabs = new BroadcastChannel('session');
const { mark } = document.body.dataset;
tabs.addEventListener('message', ({ data }) => {
  if (data !== mark) disconnect().then(() => location.reload());
});
tabs.postMessage(mark);

// A page that the back button takes out of the browser's memory may be of an earlier session.
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

// On a phone the list of pages is wider than the screen.
const current = document.querySelector('nav [aria-current]');
current?.scrollIntoView({ block: 'nearest', inline: 'center' });

startLifePictures();
