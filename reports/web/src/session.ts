// The data blocks of the page.

export const states = ['on_cpu', 'runnable', 'disk', 'network', 'ipc', 'lock', 'gil', 'handoff', 'timer', 'child', 'fault', 'idle', 'other'] as const;
export type State = (typeof states)[number];

export const labels: Record<State, string> = {
  on_cpu: 'on CPU', runnable: 'waiting for a CPU', disk: 'disk', network: 'network', ipc: 'ipc', lock: 'lock', gil: 'GIL',
  handoff: 'another thread', timer: 'timer', child: 'child process', fault: 'page fault', idle: 'idle', other: 'other',
};

/** A slice of the run. */
export interface Slice {
  start_s: number;
  end_s: number;
  path: Partial<Record<State, number>>;  // shares
  cores: number;
  runnable: number;
}

/** A thread in a slice: the share on a CPU, and the largest state of the rest. */
export interface Band {
  on_cpu: number;
  rest: State;
}

/** The block #timeline-data (timeline_json in data.h). */
export interface TimelineData {
  wall_s: number;
  end_us: number[];
  cores: number[];
  runnable: number[];
  path: Partial<Record<State, number[]>>;
  threads: Record<string, string>;
}

export function slicesOf(data: TimelineData): Slice[] {
  return data.end_us.map((end, i) => ({
    start_s: (data.end_us[i - 1] ?? 0) / 1e6, end_s: end / 1e6, cores: (data.cores[i] ?? 0) / 100, runnable: (data.runnable[i] ?? 0) / 100,
    path: Object.fromEntries(Object.entries(data.path).map(([state, shares]) => [state, (shares[i] ?? 0) / 1000])),
  }));
}

/** model/bands.h: two digits of base 36 a slice. */
export function bandsOf(text: string): (Band | undefined)[] {
  const out: (Band | undefined)[] = [];
  for (let i = 0; i + 1 < text.length; i += 2) {
    const rest = states[parseInt(text[i + 1] ?? '', 36)];
    out.push(rest ? {on_cpu: parseInt(text[i] ?? '', 36) / 35, rest} : undefined);
  }
  return out;
}

export interface CallTree {
  names: string[];
  places: string[];
  parent: number[];
  name: number[];
  self_us: number[];
  state?: number[];
  pruned: number;
  pruned_us: number;
}
