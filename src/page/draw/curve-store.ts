import { smoothed } from "./smooth.js";

/** Learning curves in columns. */
export interface CurveColumns {
  /** The trials' numbers, each once. */
  readonly trials: Uint32Array;
  /** Where each trial's points begin, and at last where the points of the last one end: one more than trials. */
  readonly offsets: Uint32Array;
  /** Places in the list of states. */
  readonly states: Uint8Array;
  /** Ascending within a curve. */
  readonly steps: Float32Array;
  /** A value that is not finite is a gap. */
  readonly values: Float32Array;
}

/** What an update changed. */
export interface StoreChange {
  /** Whether everything is in a new place, so that nothing of before can be used. */
  readonly isRebuilt: boolean;
  /** Whether curves have come, moved or changed their state, so that what to draw must be listed again. */
  readonly isRegrouped: boolean;
  /** Ranges of vertices that changed, each from the first to after the last. */
  readonly dirty: readonly (readonly [number, number])[];
}

/** Stands for a gap in a vertex; a real value is far below. */
export const GAP = 3e38;

/** More ranges cost more to send than what lies between them. */
const MOST_RANGES = 64;

/**
 * Curves as vertices, step and value in turn, each curve in a place of its own with room to grow. The room after a curve
 * repeats its last point, which draws nothing, so that a list of what to draw stays valid while a curve grows in place.
 */
export class CurveStore {
  /** Step and value in turn. */
  vertices = new Float32Array(0);
  count = 0;
  trials = new Uint32Array(0);
  states = new Uint8Array(0);
  /** The first vertex of each curve. */
  starts = new Uint32Array(0);
  lengths = new Uint32Array(0);
  /** Vertices that belong to each curve, filled or not. */
  capacities = new Uint32Array(0);
  readonly #slots = new Map<number, number>();
  /** Vertices in use. */
  #end = 0;

  /** The place of a trial's curve; undefined if it has none. */
  slotOf(trial: number): number | undefined {
    return this.#slots.get(trial);
  }

  /** Takes the curves as they are now. Trials that are missing keep the curve that they had. */
  update(columns: CurveColumns): StoreChange {
    const { trials, offsets, states } = columns;
    const fresh = trials.filter((trial) => !this.#slots.has(trial)).length;
    if (this.count === 0 || !this.#reserve(this.count + fresh, columns)) {
      this.#rebuild(columns);
      return { isRebuilt: true, isRegrouped: true, dirty: [[0, this.#end]] };
    }
    let isRegrouped = fresh > 0;
    const dirty: [number, number][] = [];
    for (let place = 0; place < trials.length; place++) {
      const from = offsets[place] ?? 0;
      const length = (offsets[place + 1] ?? from) - from;
      const state = states[place] ?? 0;
      const slot = this.#slotFor(trials[place] ?? 0);
      if (this.states[slot] !== state) {
        this.states[slot] = state;
        isRegrouped = true;
      }
      const before = this.lengths[slot] ?? 0;
      const capacity = this.capacities[slot] ?? 0;
      let same = this.#sameUpTo(slot, columns, from, length);
      if (same === length && length === this.lengths[slot]) continue;
      if (length > capacity) {
        this.starts[slot] = this.#end;
        this.capacities[slot] = Math.max(16, 2 * length);
        this.#end += this.capacities[slot] ?? 0;
        same = 0;
        isRegrouped = true;
      }
      // Curves of no point or a single one are not drawn as lines.
      if (before !== length && Math.min(before, length) < 2) isRegrouped = true;
      this.#write(slot, columns, from, length, same);
      const start = this.starts[slot] ?? 0;
      dirty.push([start + Math.max(0, same - 1), start + (this.capacities[slot] ?? 0)]);
    }
    return { isRebuilt: false, isRegrouped, dirty: merged(dirty) };
  }

  /** The vertices with values smoothed. @param weight of what came before */
  smoothedVertices(weight: number): Float32Array<ArrayBuffer> {
    const result = this.vertices.slice();
    for (let slot = 0; slot < this.count; slot++) {
      const start = this.starts[slot] ?? 0;
      const capacity = this.capacities[slot] ?? 0;
      const values = Float64Array.from({ length: capacity }, (_, index) => this.valueAt(slot, index));
      const smooth = smoothed(values, weight);
      const last = smooth[Math.max(0, (this.lengths[slot] ?? 0) - 1)] ?? Number.NaN;
      for (let index = 0; index < capacity; index++) {
        const value = index < (this.lengths[slot] ?? 0) ? (smooth[index] ?? Number.NaN) : last;
        result[2 * (start + index) + 1] = Number.isFinite(value) ? value : GAP;
      }
    }
    return result;
  }

  stepAt(slot: number, index: number): number {
    return this.vertices[2 * ((this.starts[slot] ?? 0) + index)] ?? Number.NaN;
  }

  /** NaN in a gap. */
  valueAt(slot: number, index: number): number {
    const value = this.vertices[2 * ((this.starts[slot] ?? 0) + index) + 1] ?? Number.NaN;
    return value > 1e38 ? Number.NaN : value;
  }

  #slotFor(trial: number): number {
    const found = this.#slots.get(trial);
    if (found !== undefined) return found;
    const slot = this.count;
    this.count += 1;
    this.#slots.set(trial, slot);
    this.trials[slot] = trial;
    this.starts[slot] = this.#end;
    this.lengths[slot] = 0;
    this.capacities[slot] = 0;
    return slot;
  }

  /** Whether there is room for all that may have to move; lists of curves grow as needed. */
  #reserve(curves: number, { trials, offsets }: CurveColumns): boolean {
    let needed = this.#end;
    for (let place = 0; place < trials.length; place++) {
      const length = (offsets[place + 1] ?? 0) - (offsets[place] ?? 0);
      const slot = this.#slots.get(trials[place] ?? 0);
      if (length > (slot === undefined ? 0 : (this.capacities[slot] ?? 0)))
        needed += Math.max(16, 2 * length);
    }
    if (2 * needed > this.vertices.length) return false;
    if (curves > this.trials.length) {
      const size = Math.ceil(1.5 * curves);
      const larger = (list: Uint32Array): Uint32Array<ArrayBuffer> => {
        const copy = new Uint32Array(size);
        copy.set(list);
        return copy;
      };
      this.trials = larger(this.trials);
      this.starts = larger(this.starts);
      this.lengths = larger(this.lengths);
      this.capacities = larger(this.capacities);
      const states = new Uint8Array(size);
      states.set(this.states);
      this.states = states;
    }
    return true;
  }

  #rebuild(columns: CurveColumns): void {
    const { trials, offsets, states } = columns;
    // Curves that the columns leave out are kept.
    const given = new Set(trials);
    const kept = [...this.#slots].filter(([trial]) => !given.has(trial));
    const before = kept.map(([trial, slot]) => {
      const length = this.lengths[slot] ?? 0;
      const start = 2 * (this.starts[slot] ?? 0);
      return {
        trial,
        length,
        state: this.states[slot] ?? 0,
        points: this.vertices.slice(start, start + 2 * length),
      };
    });
    const keptPoints = before.reduce((sum, { length }) => sum + length, 0);
    const size = trials.length + before.length;
    const room = Math.ceil(1.25 * (columns.steps.length + keptPoints)) + 4096;
    this.vertices = new Float32Array(2 * room);
    const listSize = Math.ceil(1.25 * size) + 64;
    this.trials = new Uint32Array(listSize);
    this.starts = new Uint32Array(listSize);
    this.lengths = new Uint32Array(listSize);
    this.capacities = new Uint32Array(listSize);
    this.states = new Uint8Array(listSize);
    this.#slots.clear();
    this.count = 0;
    this.#end = 0;
    for (const { trial, length, state, points } of before) {
      const slot = this.#place(trial, length, state);
      this.vertices.set(points, 2 * (this.starts[slot] ?? 0));
      this.lengths[slot] = length;
    }
    for (let place = 0; place < trials.length; place++) {
      const from = offsets[place] ?? 0;
      const length = (offsets[place + 1] ?? from) - from;
      const slot = this.#place(trials[place] ?? 0, length, states[place] ?? 0);
      this.#write(slot, columns, from, length, 0);
    }
  }

  #place(trial: number, capacity: number, state: number): number {
    const slot = this.#slotFor(trial);
    this.capacities[slot] = capacity;
    this.states[slot] = state;
    this.#end += capacity;
    return slot;
  }

  /** How many points are as they were. */
  #sameUpTo(slot: number, { steps, values }: CurveColumns, from: number, length: number): number {
    const most = Math.min(length, this.lengths[slot] ?? 0);
    const start = 2 * (this.starts[slot] ?? 0);
    for (let index = 0; index < most; index++) {
      const value = values[from + index] ?? Number.NaN;
      const stored = Number.isFinite(value) ? value : Math.fround(GAP);
      if (this.vertices[start + 2 * index] !== steps[from + index]) return index;
      if (this.vertices[start + 2 * index + 1] !== stored) return index;
    }
    return most;
  }

  #write(slot: number, { steps, values }: CurveColumns, from: number, length: number, same: number): void {
    const start = 2 * (this.starts[slot] ?? 0);
    const capacity = this.capacities[slot] ?? 0;
    for (let index = same; index < capacity; index++) {
      const source = from + Math.min(index, length - 1);
      const value = values[source] ?? Number.NaN;
      this.vertices[start + 2 * index] = length === 0 ? 0 : (steps[source] ?? 0);
      this.vertices[start + 2 * index + 1] = length > 0 && Number.isFinite(value) ? value : GAP;
    }
    this.lengths[slot] = length;
  }
}

/** Joins ranges that touch; one range over all of them if they are many. */
function merged(ranges: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const sorted = ranges.toSorted((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  const [first] = result;
  const last = result.at(-1);
  if (first === undefined || last === undefined || result.length <= MOST_RANGES) return result;
  return [[first[0], last[1]]];
}
