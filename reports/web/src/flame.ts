// Flame graphs on CPU and off: drawn on a canvas, walked by mouse or keyboard, with a table twin.
import {below, buildTree, byFunction, search} from './calltree';
import type {Node} from './calltree';
import {announce, button, element} from './dom';
import {seconds, share} from './format';
import {readLink, writeLink} from './link';
import {labels} from './session';
import type {CallTree, State} from './session';
import {makeSortable} from './tables';

const rowHeight = 20;
const thinnest = 0.5;  // pixels; narrower boxes are not drawn
const tableRows = 200;

type Side = 'on' | 'off';
type View = 'icicle' | 'flame' | 'table';

interface Box {
  node: Node;
  x: number;
  y: number;
  width: number;
}

const styleOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A custom property that holds light-dark(), as the canvas needs it: computed by an element that uses it. */
function colour(name: string): string {
  const probe = element('span', {class: 'unseen'});
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value || styleOf(name);
}

// The same function has the same shade on every page: an FNV-1a hash picks one of a few.
function shadeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % 5;
}

class Flame {
  private side: Side = 'on';
  private view: View = 'icicle';
  private root: Node;
  private zoom: Node;
  private current: Node;
  private hits = new Set<Node>();
  private boxes: Box[] = [];
  private readonly trees: Record<Side, Node>;
  private readonly canvas = element('canvas', {tabindex: '0', role: 'application',
    'aria-label': 'Flame graph. Arrow keys walk, Enter zooms in, Escape zooms out, slash searches.'});
  private readonly table = element('div');
  private readonly words = element('p', {class: 'muted', 'aria-live': 'polite', id: 'flame-words'});
  private readonly needle = element('input', {type: 'search', placeholder: 'Search a function', 'aria-label': 'Search a function', id: 'flame-search'});
  private readonly sides = new Map<Side, HTMLButtonElement>();
  private readonly views = new Map<View, HTMLButtonElement>();

  constructor(private readonly place: HTMLElement, private readonly data: Record<Side, CallTree>) {
    this.trees = {on: buildTree(data.on), off: buildTree(data.off)};
    const link = readLink();
    if (link.get('flame') === 'off' || this.trees.on.total === 0) this.side = 'off';
    this.root = this.zoom = this.current = this.trees[this.side];
    const whole = element('p', {id: 'flame-whole', class: 'notes'},
      'The flame graph still shows the whole run: call stacks are summed up while they are measured and carry no times, so a part of the run can not be picked out of them.');
    whole.hidden = !link.has('time');
    this.place.append(element('h3', {}, 'Flame graph'), this.toolbar(), whole, this.words, this.canvas, this.table);
    this.listen();
    const wanted = link.get('root');
    if (wanted) this.zoom = this.current = [...below(this.root)].find((node) => node.name === wanted) ?? this.root;
    if (link.has('flame')) this.place.scrollIntoView();
    this.refresh();
  }

  private toolbar(): HTMLElement {
    const choice = <T extends string>(into: Map<T, HTMLButtonElement>, value: T, label: string, press: () => void) => {
      const made = button(label, press, {'aria-pressed': 'false'});
      into.set(value, made);
      return made;
    };
    const sideButtons = (['on', 'off'] as const).map((side) => choice(this.sides, side, side === 'on' ? 'On CPU' : 'Waiting', () => this.show(side)));
    const viewButtons = ([['icicle', 'Icicle'], ['flame', 'Flame'], ['table', 'Table']] as const)
                            .map(([view, label]) => choice(this.views, view, label, () => { this.view = view; this.refresh(); }));
    this.needle.addEventListener('input', () => this.refresh());
    return element('div', {class: 'toolbar'}, element('div', {role: 'group', 'aria-label': 'Time'}, ...sideButtons),
      element('div', {role: 'group', 'aria-label': 'View'}, ...viewButtons), this.needle, button('Whole graph', () => this.zoomTo(this.root)));
  }

  private show(side: Side): void {
    this.side = side;
    this.root = this.zoom = this.current = this.trees[side];
    writeLink('flame', side);
    writeLink('root', undefined);
    this.refresh();
  }

  private zoomTo(node: Node): void {
    this.zoom = this.current = node;
    writeLink('flame', this.side);
    writeLink('root', node === this.root ? undefined : node.name);
    this.refresh();
    announce(`Zoomed to ${node.name}`);
  }

  private listen(): void {
    const nodeAt = (event: MouseEvent) => {
      const box = this.canvas.getBoundingClientRect();
      const x = event.clientX - box.left;
      const y = event.clientY - box.top;
      return this.boxes.find((b) => y >= b.y && y < b.y + rowHeight && x >= b.x && x < b.x + b.width)?.node;
    };
    this.canvas.addEventListener('mousemove', (event) => {
      const node = nodeAt(event);
      this.canvas.style.cursor = node ? 'pointer' : 'default';
      this.describe(node ?? this.current);
    });
    this.canvas.addEventListener('click', (event) => {
      const node = nodeAt(event);
      if (node) this.zoomTo(node === this.zoom ? node.parent ?? node : node);
    });
    this.canvas.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.place);
    document.addEventListener('themechange', () => this.draw());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  private key(event: KeyboardEvent): void {
    const siblings = this.current.parent?.children ?? [this.current];
    const at = siblings.indexOf(this.current);
    const deeper = this.view === 'flame' ? 'ArrowUp' : 'ArrowDown';
    const outer = this.view === 'flame' ? 'ArrowDown' : 'ArrowUp';
    const largest = [...this.current.children].sort((a, b) => b.total - a.total)[0];
    if (event.key === deeper && largest) this.current = largest;
    else if (event.key === outer && this.current.parent) this.current = this.current.parent;
    else if (event.key === 'ArrowRight') this.current = siblings[at + 1] ?? this.current;
    else if (event.key === 'ArrowLeft') this.current = siblings[at - 1] ?? this.current;
    else if (event.key === 'Enter') this.zoomTo(this.current);
    else if (event.key === 'Escape') this.zoomTo(this.root);
    else if (event.key === '/') this.needle.focus();
    else return;
    event.preventDefault();
    this.draw();
    this.describe(this.current);
  }

  private describe(node: Node): void {
    const state = this.side === 'off' && node.parent ? ` (${labels[node.state]})` : '';
    const of = (total: number) => (total > 0 ? share(node.total / total) : '0 %');
    const zoomed = this.zoom === this.root ? '' : `, ${of(this.zoom.total)} of what is shown`;
    const place = node.place ? `, ${node.place}` : '';
    this.words.textContent = `${node.name}${state}${place}: ${seconds(node.total)}, ${of(this.root.total)} of all${zoomed}; itself ${seconds(node.self)}`;
  }

  private refresh(): void {
    for (const [side, made] of this.sides) made.setAttribute('aria-pressed', String(side === this.side));
    for (const [view, made] of this.views) made.setAttribute('aria-pressed', String(view === this.view));
    const found = search(this.root, this.needle.value.trim());
    this.hits = found.hits;
    this.canvas.hidden = this.view === 'table';
    this.table.hidden = this.view !== 'table';
    if (this.view === 'table') this.fillTable();
    this.draw();
    if (this.needle.value.trim())
      this.words.textContent = `${found.hits.size} places match: ${seconds(found.seconds)}, ${share(this.root.total > 0 ? found.seconds / this.root.total : 0)} of all`;
    else if (this.root.total === 0) this.words.textContent = this.side === 'on' ? 'No call stack was sampled on a CPU.' : 'No call stack was taken while it waited.';
    else this.describe(this.current);
    const pruned = this.data[this.side].pruned;
    if (pruned > 0) this.words.textContent += `. Pruned ${pruned} frames = ${share(this.data[this.side].pruned_us / 1e6 / this.root.total)}`;
  }

  private fillTable(): void {
    const cell = (text: string) => element('td', {class: 'number'}, text);
    const all = byFunction(this.zoom).filter((row) => row.name.toLowerCase().includes(this.needle.value.trim().toLowerCase()));
    const body = element('tbody');
    for (const row of all.slice(0, tableRows))
      body.append(element('tr', {}, element('th', {scope: 'row'}, element('code', {}, row.name), ' ', element('span', {class: 'place'}, row.place)),
        cell(seconds(row.self)), cell(share(row.self / (this.root.total || 1))), cell(seconds(row.total)), cell(share(row.total / (this.root.total || 1)))));
    const head = element('tr', {}, element('th', {scope: 'col'}, 'function'),
      ...['itself', 'share', 'with callees', 'share'].map((name) => element('th', {scope: 'col', class: 'number'}, name)));
    const table = element('table', {id: 'flame-table'}, element('caption', {}, `${Math.min(all.length, tableRows)} of ${all.length} functions`), element('thead', {}, head), body);
    makeSortable(table);
    this.table.className = 'scroll';
    this.table.setAttribute('tabindex', '0');
    this.table.setAttribute('role', 'region');
    this.table.setAttribute('aria-label', 'Functions');
    this.table.replaceChildren(table);
  }

  /** Boxes of the zoomed node's callers, full width, and of all below it. */
  private layout(width: number): number {
    this.boxes = [];
    const callers: Node[] = [];
    for (let at = this.zoom.parent; at; at = at.parent) callers.unshift(at);
    callers.forEach((node, i) => this.boxes.push({node, x: 0, y: i * rowHeight, width}));
    const scale = this.zoom.total > 0 ? width / this.zoom.total : 0;
    let rows = callers.length + 1;
    const visit = (node: Node, x: number) => {
      const own = node === this.zoom ? width : node.total * scale;
      if (own < thinnest) return;
      this.boxes.push({node, x, y: node.depth * rowHeight, width: own});
      rows = Math.max(rows, node.depth + 1);
      let left = x;
      for (const child of node.children) {
        visit(child, left);
        left += child.total * scale;
      }
    };
    visit(this.zoom, 0);
    if (this.view === 'flame') for (const box of this.boxes) box.y = (rows - 1) * rowHeight - box.y;
    return rows * rowHeight;
  }

  private draw(): void {
    if (this.view === 'table') return;
    const width = this.place.clientWidth;
    const height = this.layout(width);
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.height = `${height}px`;
    const pen = this.canvas.getContext('2d');
    if (!pen) return;
    pen.scale(ratio, ratio);
    pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
    pen.textBaseline = 'middle';
    const ink = {page: colour('--page'), text: colour('--ink'), onBar: colour('--on-bar'), focus: colour('--accent'), hit: colour('--good')};
    const shades = [0, 1, 2, 3, 4].map((i) => colour(`--flame-${i}`));
    const waits = new Map<State, string>();
    const waitColour = (state: State) => waits.get(state) ?? (waits.set(state, colour(`--${state.replace('_', '-')}`)), waits.get(state) ?? '');
    const searching = this.needle.value.trim() !== '';
    for (const box of this.boxes) {
      const wait = this.side === 'off' && box.node.parent !== undefined;
      pen.globalAlpha = searching && !this.hits.has(box.node) ? 0.35 : box.node.depth < this.zoom.depth ? 0.7 : 1;
      pen.fillStyle = wait ? waitColour(box.node.state) : shades[shadeOf(box.node.name)] ?? ink.page;
      pen.fillRect(box.x, box.y, Math.max(box.width - 1, thinnest), rowHeight - 1);
      if (box.width > 30) this.label(pen, box, wait ? ink.onBar : ink.text);
      pen.globalAlpha = 1;
      if (box.node === this.current) {
        pen.strokeStyle = ink.text;
        pen.lineWidth = 2;
        pen.strokeRect(box.x + 1, box.y + 1, Math.max(box.width - 3, 1), rowHeight - 3);
      }
    }
  }

  private label(pen: CanvasRenderingContext2D, box: Box, ink: string): void {
    const room = box.width - 8;
    let text = box.node.name;
    const letters = Math.floor(room / 6.2);
    if (text.length > letters) text = letters > 3 ? `${text.slice(0, letters - 1)}…` : '';
    pen.fillStyle = ink;
    pen.fillText(text, box.x + 4, box.y + rowHeight / 2, room);
  }
}

export function addFlameGraphs(data: Record<Side, CallTree>): void {
  const place = document.getElementById('flame');
  const hasStacks = data.on.self_us.length > 1 || data.off.self_us.length > 1;
  if (place && hasStacks) new Flame(place, data);
}
