// What a selected part of the run shows: in words, and in the tables beside the timeline.
import {seconds, share} from './format';
import {bandsOf, labels, states} from './session';
import type {Band, Slice, State, TimelineData} from './session';

export interface Range {
  from: number;
  to: number;
}

const idle = new Set<State>(['idle']);
const stateOf = new Map(states.map((state) => [labels[state], state]));

/** The part of the slice that lies in the range, in seconds. */
function inside(slice: Slice, range: Range): number {
  return Math.max(Math.min(slice.end_s, range.to) - Math.max(slice.start_s, range.from), 0);
}

/** Seconds of the critical path by state. */
function pathIn(slices: Slice[], range: Range): Map<State, number> {
  const sums = new Map<State, number>();
  for (const slice of slices) {
    const length = inside(slice, range);
    if (length === 0) continue;
    for (const state of states) sums.set(state, (sums.get(state) ?? 0) + (slice.path[state] ?? 0) * length);
  }
  return sums;
}

/** The mix of states and the mean CPUs in use. */
export function summarise(slices: Slice[], range: Range): string {
  const sums = pathIn(slices, range);
  const total = [...sums.values()].reduce((a, b) => a + b, 0);
  let cores = 0;
  let length = 0;
  for (const slice of slices) {
    cores += slice.cores * inside(slice, range);
    length += inside(slice, range);
  }
  if (total <= 0 || length <= 0) return 'nothing was measured here';
  const parts = [...sums].map(([state, sum]) => ({label: labels[state], share: sum / total}))
                    .filter((part) => part.share >= 0.005)
                    .sort((a, b) => b.share - a.share)
                    .map((part) => `${part.label} ${share(part.share)}`);
  return `${parts.join(', ')}; ${(cores / length).toFixed(2)} CPUs in use`;
}

/** Cells show the selection's numbers while there is one, and afterwards what they showed before. */
class Cells {
  private readonly whole = new Map<Element, string>();

  set(cell: Element | undefined, words: string): void {
    if (!cell) return;
    if (!this.whole.has(cell)) this.whole.set(cell, cell.textContent ?? '');
    cell.textContent = words;
  }

  reset(): void {
    for (const [cell, words] of this.whole) cell.textContent = words;
    this.whole.clear();
  }
}

export class Tables {
  private readonly cells = new Cells();
  private readonly threads: {row: HTMLTableRowElement; bands: (Band | undefined)[]}[] = [];
  private readonly bars = new Map<Element, string>();

  constructor(private readonly slices: Slice[], data: TimelineData) {
    const rows = [...document.querySelectorAll<HTMLTableRowElement>('#threads-table tbody tr')];
    rows.forEach((row, i) => {
      const text = data.threads[String(i)];
      if (text) this.threads.push({row, bands: bandsOf(text)});
    });
  }

  show(range: Range | undefined): void {
    this.cells.reset();
    for (const [bar, width] of this.bars) bar.setAttribute('width', width);
    for (const table of ['states-table', 'threads-table', 'cpu-histogram'])
      document.getElementById(table)?.classList.toggle('of-selection', range !== undefined);
    const unfiltered = document.getElementById('flame-whole');
    if (unfiltered) unfiltered.hidden = range === undefined;
    this.dim(range);
    if (!range) return;
    this.showStates(range);
    this.showThreads(range);
    this.showHistogram(range);
  }

  private dim(range: Range | undefined): void {
    for (const row of document.querySelectorAll<HTMLElement>('#threads-table tbody tr')) {
      const life = row.querySelector('[data-start]');
      const start = Number(life?.getAttribute('data-start') ?? 0);
      const end = Number(life?.getAttribute('data-end') ?? Infinity);
      row.classList.toggle('outside', range !== undefined && (end <= range.from || start >= range.to));
    }
  }

  private showStates(range: Range): void {
    const sums = pathIn(this.slices, range);
    const total = [...sums.values()].reduce((a, b) => a + b, 0);
    for (const row of document.querySelectorAll<HTMLTableRowElement>('#states-table tbody tr')) {
      const state = stateOf.get(row.cells[0]?.textContent ?? '');
      const sum = state ? sums.get(state) ?? 0 : 0;
      this.cells.set(row.cells[1], share(total > 0 ? sum / total : 0));
      this.cells.set(row.cells[2], seconds(sum));
    }
  }

  private showThreads(range: Range): void {
    for (const {row, bands} of this.threads) {
      const times = new Map<State, number>();
      let lived = 0;
      const add = (state: State, time: number) => times.set(state, (times.get(state) ?? 0) + time);
      this.slices.forEach((slice, i) => {
        const band = bands[i];
        const length = inside(slice, range);
        if (!band || length === 0) return;
        lived += length;
        add('on_cpu', band.on_cpu * length);
        add(band.rest, (1 - band.on_cpu) * length);
      });
      const most = [...times].sort((a, b) => b[1] - a[1])[0];
      this.cells.set(row.cells[2], lived > 0 && most ? `${labels[most[0]]} ≈ ${share(most[1] / lived)}` : 'not there');
      this.cells.set(row.cells[3], `≈ ${seconds(times.get('on_cpu') ?? 0)}`);
      row.classList.toggle('quiet', lived > 0 && most !== undefined && idle.has(most[0]) && most[1] > 0.995 * lived);
      row.classList.toggle('outside', lived === 0);
    }
  }

  private showHistogram(range: Range): void {
    const rows = [...document.querySelectorAll<HTMLTableRowElement>('#cpu-histogram tbody tr')];
    const limits = rows.map((row) => Number(row.getAttribute('data-up-to') ?? Infinity));
    const sums = rows.map(() => 0);
    let total = 0;
    for (const slice of this.slices) {
      const length = inside(slice, range);
      const at = limits.findIndex((limit, i) => slice.cores <= limit || i === limits.length - 1);
      if (at < 0) continue;
      sums[at] = (sums[at] ?? 0) + length;
      total += length;
    }
    rows.forEach((row, i) => {
      this.cells.set(row.cells[2], seconds(sums[i] ?? 0));
      const bar = row.querySelector('rect');
      if (!bar || total <= 0) return;
      if (!this.bars.has(bar)) this.bars.set(bar, bar.getAttribute('width') ?? '0');
      bar.setAttribute('width', `${(100 * (sums[i] ?? 0)) / total}%`);
    });
  }
}
