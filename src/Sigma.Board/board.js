'use strict';

// The server draws the page. This asks for it again and again, and puts what changed in the place of what was there.

const board = document.getElementById('board');
const lost = document.getElementById('lost');
let timer = 0;

// Seconds that the page itself asks for: more where nothing runs.
const pause = () => 1000 * board.dataset.pause;

async function refresh() {
  clearTimeout(timer);
  const began = performance.now();
  const address = location.href;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(60000) });
    if (!answer.ok) throw new Error(`the board answered ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (address === location.href) show(page);
    lost.hidden = true;
  } catch (failure) {
    if (lost.hidden) lost.textContent = `✗ No answer from the board since ${new Date().toLocaleTimeString()} (${failure.message}). Is sigma board still running, and the way to it?`;
    lost.hidden = false;
  }
  clearTimeout(timer);
  // However slow the way or the disk, nine tenths of the time nothing is asked.
  timer = setTimeout(refresh, Math.max(pause(), 10 * (performance.now() - began)));
}

function show(page) {
  for (const details of page.querySelectorAll('details')) {
    const now = document.getElementById(details.id);
    if (now) details.open = now.open;
  }
  const focused = document.activeElement?.id;
  document.title = page.title;
  const fresh = page.getElementById('board');
  board.dataset.pause = fresh.dataset.pause;
  replace(board, fresh);
  if (focused) document.getElementById(focused)?.focus();
}

function replace(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const parts = [...old.children];
  if (old.hasAttribute('data-parts') && fresh.hasAttribute('data-parts') && parts.length === fresh.children.length) {
    const news = [...fresh.children];
    parts.forEach((part, i) => replace(part, news[i]));
  } else if (!old.matches('figure:hover')) { // what is being read stays until it was
    old.replaceWith(fresh);
  }
}

document.addEventListener('change', (event) => {
  if (!event.target.matches('#runs input')) return;
  const chosen = [...document.querySelectorAll('#runs input:checked')].map((box) => `run=${box.value}`);
  history.replaceState(null, '', '?' + (chosen.join('&') || 'run='));
  refresh();
});
document.addEventListener('visibilitychange', () => document.hidden ? clearTimeout(timer) : refresh());
timer = setTimeout(refresh, pause());
