// Sorting of tables by a column's header.
import {announce, element} from './dom';

const scale: Record<string, number> = {ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30};

/** The number that a cell shows: "≈ 1,234", "12.3 ms", "3 min 20 s", "<0.1 %". */
export function numberOf(text: string): number {
  let sum = 0;
  let found = false;
  for (const part of text.replaceAll(',', '').matchAll(/(-?\d+(?:\.\d+)?)\s*([a-zA-Zµ]*)/g)) {
    sum += Number(part[1]) * (scale[part[2] ?? ''] ?? 1);
    found = true;
  }
  if (!found) return Number.NEGATIVE_INFINITY;
  return text.startsWith('<') ? sum / 2 : sum;
}

function sort(table: HTMLTableElement, column: number, numeric: boolean, ascending: boolean): void {
  const body = table.tBodies[0];
  if (!body) return;
  const keyOf = (row: HTMLTableRowElement) => row.cells[column]?.textContent ?? '';
  const rows = [...body.rows].map((row) => ({row, key: keyOf(row)}));
  const direction = ascending ? 1 : -1;
  rows.sort((a, b) => direction * (numeric ? numberOf(a.key) - numberOf(b.key) : a.key.localeCompare(b.key, 'en')));
  body.append(...rows.map((one) => one.row));
}

export function makeSortable(table: HTMLTableElement): void {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  if ((table.tBodies[0]?.rows.length ?? 0) < 2) return;
  heads.forEach((head, column) => {
    const numeric = head.classList.contains('number');
    const label = head.textContent ?? '';
    const press = element('button', {type: 'button', class: 'sort'}, label);
    head.replaceChildren(press);
    press.addEventListener('click', () => {
      const before = head.getAttribute('aria-sort');
      const ascending = before ? before === 'descending' : !numeric;
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
      sort(table, column, numeric, ascending);
      announce(`Sorted by ${label}, ${ascending ? 'ascending' : 'descending'}`);
    });
  });
}
