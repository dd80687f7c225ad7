// Light, dark, or as the system says; remembered where the browser allows it.
import {announce, button} from './dom';

const order = ['system', 'light', 'dark'] as const;
type Theme = (typeof order)[number];
const key = 'concadvise-theme';

function remembered(): Theme {
  try {
    const value = localStorage.getItem(key);
    return order.find((theme) => theme === value) ?? 'system';
  } catch {
    return 'system';
  }
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  document.dispatchEvent(new CustomEvent('themechange'));
}

export function addThemeToggle(place: Element): void {
  let theme = remembered();
  apply(theme);
  const toggle = button(`Theme: ${theme}`, () => {
    theme = order[(order.indexOf(theme) + 1) % order.length] ?? 'system';
    apply(theme);
    toggle.textContent = `Theme: ${theme}`;
    announce(`Theme: ${theme}`);
    try {
      localStorage.setItem(key, theme);
    } catch {
      // not remembered, that is all
    }
  }, {class: 'theme'});
  place.append(toggle);
}
