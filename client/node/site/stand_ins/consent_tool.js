// SPDX-License-Identifier: Apache-2.0
// Stands in for a consent management platform: the part of IAB's __tcfapi that a page needs.
const CHOICES = {
  all: 'CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA',
  // Without purpose 1.
  few: 'CPehXK9PehXK9ABAMBFRACBoADAAAEJAAIYgAKwAQAKgArABAAqAAA',
};
const KEPT = 'consent-choice';

const listeners = new Map();
let lastId = 0;
let choice = localStorage.getItem(KEPT);

function tcData(eventStatus, listenerId) {
  return { eventStatus, listenerId, gdprApplies: true, tcString: CHOICES[choice] ?? '' };
}

window.__tcfapi = (command, version, callback, parameter) => {
  if (command === 'addEventListener') {
    const id = ++lastId;
    listeners.set(id, callback);
    callback(tcData(choice ? 'tcloaded' : 'cmpuishown', id), true);
  } else if (command === 'removeEventListener') {
    callback(listeners.delete(parameter));
  } else {
    callback(null, false);
  }
};

for (const button of document.querySelectorAll('[data-choice]')) {
  button.setAttribute('aria-pressed', String(button.dataset.choice === choice));
  button.addEventListener('click', () => {
    choice = button.dataset.choice;
    localStorage.setItem(KEPT, choice);
    for (const [id, callback] of listeners) callback(tcData('useractioncomplete', id), true);
  });
}
