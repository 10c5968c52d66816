// SPDX-License-Identifier: Apache-2.0
// Keeps the pictures of identities' lives moving. Each stage is one third wide, since the stages
// last minutes, an hour and weeks.

// snippet: stages
export function stageOf({ since, refresh_from, identity_expires, refresh_expires }, now) {
  if (now < refresh_from) return { stage: 'fresh', from: since, until: refresh_from };
  if (now < identity_expires) return { stage: 'due', from: refresh_from, until: identity_expires };
  if (now < refresh_expires)
    return { stage: 'expired', from: identity_expires, until: refresh_expires };
  return { stage: 'ended', from: refresh_expires, until: refresh_expires };
}
// end snippet

const STAGES = ['fresh', 'due', 'expired', 'ended'];
const TEXTS = {
  fresh: 'Fresh: the token goes into ad requests, and no refresh is due.',
  due: 'Refresh due: the token is still good while the next one is fetched.',
  expired: 'Token expired: no ad request carries it. A refresh still works.',
  ended: 'Ended: only the user’s email or phone number gets a new identity.',
};
const WIDTH = 200;

function draw(figure) {
  const life = figure.dataset.life ? JSON.parse(figure.dataset.life) : null;
  figure.hidden = !life;
  if (!life) return;
  const now = Date.now();
  const { stage, from, until } = stageOf(life, now);
  const part = until > from ? Math.min(1, Math.max(0, (now - from) / (until - from))) : 0;
  const x = Math.min(590, Math.max(10, (STAGES.indexOf(stage) + part) * WIDTH));
  figure.dataset.stage = stage;
  figure.querySelector('[data-now]').setAttribute('transform', `translate(${x} 0)`);
  const text = figure.querySelector('[data-stage]');
  // A live region is read out at each change, so it changes with the stage only.
  if (text.textContent !== TEXTS[stage]) text.textContent = TEXTS[stage];
  for (const cell of figure.querySelectorAll('[data-time]')) {
    cell.textContent = relative(life[cell.dataset.time] - now);
  }
}

function relative(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ].filter(([count]) => count > 0);
  const text =
    parts
      .slice(0, 2)
      .map(([count, unit]) => `${count} ${unit}`)
      .join(' ') || '0 s';
  return ms >= 0 ? `in ${text}` : `${text} ago`;
}

/** Shows another identity's life, or none. */
export function showLife(identity) {
  for (const figure of document.querySelectorAll('.life')) {
    const before = figure.dataset.life ? JSON.parse(figure.dataset.life) : null;
    if (!identity) {
      figure.dataset.life = '';
    } else if (before?.refresh_from !== identity.refresh_from) {
      const { refresh_from, identity_expires, refresh_expires } = identity;
      const since = Math.min(Date.now(), refresh_from);
      figure.dataset.life = JSON.stringify({
        since,
        refresh_from,
        identity_expires,
        refresh_expires,
      });
    }
    draw(figure);
  }
}

export function startLifePictures() {
  const drawAll = () => document.querySelectorAll('.life').forEach(draw);
  drawAll();
  setInterval(drawAll, 250);
}
