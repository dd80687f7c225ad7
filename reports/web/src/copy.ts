// A button beside each command and sketch that copies it.
import {announce, button, element} from './dom';

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages opened from a file may have no clipboard; selecting and asking the browser still works.
    const area = element('textarea', {class: 'unseen', 'aria-hidden': 'true'});
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export function addCopyButtons(): void {
  for (const block of document.querySelectorAll<HTMLPreElement>('pre:not(.source, .prose)')) {
    const made = button('Copy', () => {
      const before = document.activeElement;
      void copy(block.querySelector('code')?.textContent ?? '').then((done) => {
        made.textContent = done ? 'Copied' : 'Not allowed';
        announce(done ? 'Copied' : 'The browser does not allow copying');
        if (before instanceof HTMLElement) before.focus();
        setTimeout(() => (made.textContent = 'Copy'), 1500);
      });
    }, {class: 'copy', 'aria-label': 'Copy this'});
    const frame = element('div', {class: 'copy-frame'});
    block.replaceWith(frame);
    frame.append(block, made);
  }
}
