// What scripts add to a page that is complete without them.
import {addCopyButtons} from './copy';
import {announce, button, dataOf, element} from './dom';
import {addFlameGraphs} from './flame';
import {revealTarget} from './link';
import type {CallTree, TimelineData} from './session';
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

/** Beside each compressed file of the page a button that saves it unpacked. */
function addUnpacked(link: HTMLAnchorElement): void {
  const save = async () => {
    const packed = Uint8Array.from(atob(link.href.slice(link.href.indexOf(',') + 1)), (c) => c.charCodeAt(0));
    const text = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).blob();
    const name = link.download.replace(/\.gz$/, '');
    const target = element('a', {download: name, href: URL.createObjectURL(text)});
    target.click();
    announce(`Saved ${name}`);
  };
  link.after(' ', button('Unpacked', () => void save(), {'aria-label': `Save ${link.download} unpacked`}));
}

document.documentElement.classList.add('scripted');
const top = document.querySelector('.top');
if (top) attempt(() => addThemeToggle(top));
attempt(addCopyButtons);
attempt(() => document.querySelectorAll<HTMLTableElement>('main table:not(#cpu-histogram, #ladder-table, #matrix, #run-times, .predictions)').forEach(makeSortable));
const timeline = dataOf<TimelineData>('timeline-data');
if (timeline) attempt(() => addTimeline(timeline));
const flames = dataOf<{on: CallTree; off: CallTree}>('flame-data');
if (flames) attempt(() => addFlameGraphs(flames));
attempt(() => document.querySelectorAll<HTMLAnchorElement>('a.saved').forEach(addUnpacked));
addEventListener('hashchange', revealTarget);
attempt(revealTarget);
