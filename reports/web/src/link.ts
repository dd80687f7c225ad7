// The state of the page in its address, so that a link shows what the sender saw: #time=1.2-3.4&flame=off&root=name.
// A fragment without '=' is an element's id, as in any page.

export function readLink(): Map<string, string> {
  const text = location.hash.slice(1);
  if (!text.includes('=')) return new Map();
  return new Map(new URLSearchParams(text));
}

export function writeLink(key: string, value: string | undefined): void {
  const state = readLink();
  if (value === undefined) state.delete(key);
  else state.set(key, value);
  const text = new URLSearchParams([...state]).toString();
  // A saved page has an opaque origin, where some browsers refuse to write the address.
  try {
    history.replaceState(null, '', text ? `#${text}` : location.pathname + location.search);
  } catch {
    if (text) location.hash = text;
  }
}

/** Opens the folded parts around the element that the address names. */
export function revealTarget(): void {
  const id = location.hash.slice(1);
  if (!id || id.includes('=')) return;
  const target = document.getElementById(id);
  for (let at: Element | null = target; at; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
  target?.scrollIntoView();
}
