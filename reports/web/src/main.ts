// What scripts add to a page that is complete without them.
import {addCopyButtons} from './copy';
import {dataOf, element} from './dom';
import {addFlameGraphs} from './flame';
import {revealTarget} from './link';
import type {CallTree, Session} from './session';
import {makeSortable} from './tables';
import {addThemeToggle} from './theme';
import {addTimeline} from './timeline';

/** One part that fails must not take the others with it. */
function attempt(part: () => void): void {
  try {
    part();
  } catch (error) {
    console.error(error);
  }
}

function addDownload(): void {
  const place = document.getElementById('data');
  const text = document.getElementById('session-data')?.textContent ?? document.getElementById('lint-data')?.textContent;
  if (!place || !text) return;
  const link = element('a', {download: 'concadvise-page.json', href: URL.createObjectURL(new Blob([text], {type: 'application/json'}))}, 'Save the JSON');
  place.append(' ', link);
}

document.documentElement.classList.add('scripted');
const top = document.querySelector('.top');
if (top) attempt(() => addThemeToggle(top));
attempt(addCopyButtons);
attempt(() => document.querySelectorAll<HTMLTableElement>('main table').forEach(makeSortable));
const session = dataOf<Session>('session-data');
if (session) attempt(() => addTimeline(session));
const flames = dataOf<{on: CallTree; off: CallTree}>('flame-data');
if (flames) attempt(() => addFlameGraphs(flames));
attempt(addDownload);
addEventListener('hashchange', revealTarget);
attempt(revealTarget);
