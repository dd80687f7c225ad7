// The call tree of a flame graph: nodes with children and totals, searching, and the table by function.
import type {CallTree, State} from './session';
import {states} from './session';

export interface Node {
  id: number;
  name: string;
  place: string;
  state: State;
  parent: Node | undefined;
  children: Node[];
  self: number;   // seconds
  total: number;  // seconds
  depth: number;
}

export interface Row {
  name: string;
  place: string;
  self: number;
  total: number;
}

/** The root; children are ordered by name, so that two graphs of the same program look alike. */
export function buildTree(data: CallTree): Node {
  const nodes: Node[] = [];
  data.parent.forEach((parentId, id) => {
    const parent = id === 0 ? undefined : nodes[parentId];
    const name = data.name[id] ?? 0;
    const node: Node = {
      id, parent, children: [], depth: parent ? parent.depth + 1 : 0, self: (data.self_us[id] ?? 0) / 1e6, total: 0,
      name: data.names[name] ?? '', place: data.places[name] ?? '', state: states[data.state?.[id] ?? 0] ?? 'other',
    };
    parent?.children.push(node);
    nodes.push(node);
  });
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (!node) continue;
    node.total += node.self;
    if (node.parent) node.parent.total += node.total;
    node.children.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }
  return nodes[0] ?? {id: 0, name: 'all', place: '', state: 'on_cpu', parent: undefined, children: [], self: 0, total: 0, depth: 0};
}

export function* below(node: Node): Generator<Node> {
  const stack = [node];
  for (let at = stack.pop(); at; at = stack.pop()) {
    yield at;
    stack.push(...at.children);
  }
}

/** Self and total by function below `root`; a function that is its own caller counts once in a stack. */
export function byFunction(root: Node): Row[] {
  const rows = new Map<string, Row>();
  const open = new Set<string>();
  const visit = (node: Node) => {
    const row = rows.get(node.name) ?? {name: node.name, place: node.place, self: 0, total: 0};
    rows.set(node.name, row);
    row.self += node.self;
    const outermost = !open.has(node.name);
    if (outermost) {
      row.total += node.total;
      open.add(node.name);
    }
    node.children.forEach(visit);
    if (outermost) open.delete(node.name);
  };
  (root.parent ? [root] : root.children).forEach(visit);
  return [...rows.values()].sort((a, b) => b.self - a.self || b.total - a.total);
}

/** The nodes whose function contains `needle`, and the seconds in stacks with at least one of them. */
export function search(root: Node, needle: string): {hits: Set<Node>; seconds: number} {
  const hits = new Set<Node>();
  const wanted = needle.toLowerCase();
  if (!wanted) return {hits, seconds: 0};
  let sum = 0;
  const visit = (node: Node, counted: boolean) => {
    const hit = node.name.toLowerCase().includes(wanted);
    if (hit) hits.add(node);
    if (hit && !counted) sum += node.total;
    for (const child of node.children) visit(child, counted || hit);
  };
  visit(root, false);
  return {hits, seconds: sum};
}
