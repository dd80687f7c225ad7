// Elements are made here and only here: text stays text, whatever the target called itself.

type Attributes = Record<string, string>;

export function element<K extends keyof HTMLElementTagNameMap>(
    tag: K, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(label: string, onPress: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', {type: 'button', ...attributes}, label);
  made.addEventListener('click', onPress);
  return made;
}

/** Says something to screen readers without moving the focus. */
export function announce(words: string): void {
  let region = document.getElementById('announcements');
  if (!region) {
    region = element('div', {id: 'announcements', role: 'status', class: 'unseen'});
    document.body.append(region);
  }
  region.textContent = words;
}

/** The data block with that id, or nothing when it is missing or broken. */
export function dataOf<T>(id: string): T | undefined {
  const text = document.getElementById(id)?.textContent;
  if (!text) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
