// The parts of a session that the scripts read (concadvise-profile/1).

export const states = ['on_cpu', 'runnable', 'disk', 'network', 'ipc', 'lock', 'gil', 'handoff', 'timer', 'child', 'fault', 'idle', 'other'] as const;
export type State = (typeof states)[number];

export const labels: Record<State, string> = {
  on_cpu: 'on CPU', runnable: 'waiting for a CPU', disk: 'disk', network: 'network', ipc: 'ipc', lock: 'lock', gil: 'GIL',
  handoff: 'another thread', timer: 'timer', child: 'child process', fault: 'page fault', idle: 'idle', other: 'other',
};

export interface Slice {
  start_s: number;
  end_s: number;
  path: Record<State, number>;
  cores: number;
  runnable: number;
}

export interface Session {
  measurement: {wall_s: number};
  windows: Slice[];
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
