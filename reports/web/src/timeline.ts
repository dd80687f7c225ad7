// Zoom, pan and selection over the static pictures of the run. All plots share one time axis: zooming changes which part
// of each picture is stretched over its width. The selected part is summed up in words, and the tables beside it show it.
import {announce, button, element} from './dom';
import {seconds} from './format';
import {readLink, writeLink} from './link';
import {summarise, Tables} from './selection';
import type {Range} from './selection';
import {slicesOf} from './session';
import type {Slice, TimelineData} from './session';

const plotWidth = 1000;  // units of the static plots (charts.cpp)

class Timeline {
  private view: Range;
  private selection: Range | undefined;
  private readonly plots: SVGSVGElement[];
  private readonly words = element('p', {id: 'selection', 'aria-live': 'polite'});
  private readonly band = element('div', {class: 'band', hidden: ''});

  private readonly slices: Slice[];
  private readonly tables: Tables;

  constructor(private readonly place: HTMLElement, private readonly whole: number, data: TimelineData) {
    this.view = {from: 0, to: whole};
    this.slices = slicesOf(data);
    this.tables = new Tables(this.slices, data);
    this.plots = [...document.querySelectorAll<SVGSVGElement>('svg[preserveAspectRatio="none"]')];
    this.place.prepend(this.toolbar());
    const first = this.place.querySelector<HTMLElement>('figure');
    if (!first) return;
    first.classList.add('brushable');
    const surface = element('div', {class: 'surface', tabindex: '0', role: 'application',
      'aria-label': 'Timeline. Left and right move, plus and minus zoom, Shift with left and right selects, Escape clears.'});
    first.append(surface);
    surface.append(this.band);
    this.place.append(this.words);
    this.listen(surface);
    this.fromLink();
  }

  private toolbar(): HTMLElement {
    return element('div', {class: 'toolbar', role: 'group', 'aria-label': 'Timeline'},
      button('Zoom in', () => this.zoom(0.5)), button('Zoom out', () => this.zoom(2)),
      button('◀', () => this.pan(-0.25), {'aria-label': 'Earlier'}), button('▶', () => this.pan(0.25), {'aria-label': 'Later'}),
      button('Zoom to selection', () => { if (this.selection) this.show(this.selection); }),
      button('Whole run', () => { this.select(undefined); this.show({from: 0, to: this.whole}); }));
  }

  private listen(surface: HTMLElement): void {
    const timeAt = (event: PointerEvent | WheelEvent) => {
      const box = surface.getBoundingClientRect();
      const x = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
      return this.view.from + x * (this.view.to - this.view.from);
    };
    let start: number | undefined;
    surface.addEventListener('pointerdown', (event) => {
      start = timeAt(event);
      surface.setPointerCapture(event.pointerId);
    });
    surface.addEventListener('pointermove', (event) => {
      if (start === undefined) return;
      const now = timeAt(event);
      this.select({from: Math.min(start, now), to: Math.max(start, now)});
    });
    const end = (event: PointerEvent) => {
      if (start === undefined) return;
      const smallest = (this.view.to - this.view.from) / 300;
      if (Math.abs(timeAt(event) - start) < smallest) this.select(undefined);
      start = undefined;
    };
    surface.addEventListener('pointerup', end);
    surface.addEventListener('pointercancel', () => (start = undefined));
    surface.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.shiftKey) return;  // plain scrolling stays the page's
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(event));
    }, {passive: false});
    surface.addEventListener('keydown', (event) => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    const step = event.key === 'ArrowLeft' ? -0.1 : event.key === 'ArrowRight' ? 0.1 : 0;
    if (event.shiftKey && step) this.extend(step);
    else if (step) this.pan(step);
    else if (event.key === '+' || event.key === '=') this.zoom(0.5);
    else if (event.key === '-') this.zoom(2);
    else if (event.key === 'Escape') this.select(undefined);
    else if (event.key === 'Enter' && this.selection) this.show(this.selection);
    else return;
    event.preventDefault();
  }

  /** Grows the selection to the right, or takes from it; the keyboard's way of dragging. */
  private extend(step: number): void {
    const length = this.view.to - this.view.from;
    const before = this.selection ?? {from: this.view.from, to: this.view.from};
    const to = Math.min(Math.max(before.to + step * length, before.from), this.view.to);
    this.select(to > before.from ? {from: before.from, to} : undefined);
  }

  private zoom(factor: number, around = (this.view.from + this.view.to) / 2): void {
    const length = Math.min(Math.max((this.view.to - this.view.from) * factor, this.whole / 1000), this.whole);
    const part = (around - this.view.from) / (this.view.to - this.view.from);
    this.show({from: around - part * length, to: around + (1 - part) * length});
  }

  private pan(part: number): void {
    const move = part * (this.view.to - this.view.from);
    this.show({from: this.view.from + move, to: this.view.to + move});
  }

  private show(wanted: Range): void {
    const length = Math.min(wanted.to - wanted.from, this.whole);
    const from = Math.min(Math.max(wanted.from, 0), this.whole - length);
    this.view = {from, to: from + length};
    const scale = plotWidth / this.whole;
    for (const plot of this.plots) {
      const height = plot.viewBox.baseVal.height;
      plot.setAttribute('viewBox', `${from * scale} 0 ${length * scale} ${height}`);
    }
    for (const axis of document.querySelectorAll('.time-axis')) {
      const at = Number(axis.getAttribute('data-at'));
      axis.textContent = seconds(from + at * length);
    }
    this.drawBand();
    announce(`Showing ${seconds(this.view.from)} to ${seconds(this.view.to)}`);
  }

  private select(range: Range | undefined): void {
    this.selection = range;
    this.drawBand();
    this.words.textContent = range
      ? `Selected ${seconds(range.from)} to ${seconds(range.to)}: ${summarise(this.slices, range)}. The tables below show this part; hot spots are of the whole run.`
      : 'Drag over the picture to select a part of the run.';
    this.tables.show(range);
    writeLink('time', range ? `${range.from.toFixed(4)}-${range.to.toFixed(4)}` : undefined);
  }

  private drawBand(): void {
    const range = this.selection;
    this.band.hidden = !range;
    if (!range) return;
    const length = this.view.to - this.view.from;
    const left = Math.max((range.from - this.view.from) / length, 0);
    const right = Math.min((range.to - this.view.from) / length, 1);
    this.band.style.left = `${left * 100}%`;
    this.band.style.width = `${Math.max(right - left, 0) * 100}%`;
  }

  private fromLink(): void {
    const match = /^([\d.]+)-([\d.]+)$/.exec(readLink().get('time') ?? '');
    const from = Number(match?.[1]);
    const to = Number(match?.[2]);
    if (match && from < to && to <= this.whole * 1.001) {
      this.select({from, to});
      this.place.scrollIntoView();
    } else {
      this.words.textContent = 'Drag over the picture to select a part of the run.';
    }
  }
}

export function addTimeline(data: TimelineData): void {
  const place = document.getElementById('timeline');
  if (place && data.end_us.length > 0 && data.wall_s > 0) new Timeline(place, data.wall_s, data);
}
