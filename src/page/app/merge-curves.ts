import type { CurveColumns } from "../../views/curve-columns.js";

/** Where a curve is: in which columns, and at which place. */
interface Place {
  readonly columns: CurveColumns;
  readonly index: number;
}

/** The curves at some places, in their order. */
function gather(events: number, places: readonly Place[]): CurveColumns {
  const offsets = new Uint32Array(places.length + 1);
  let points = 0;
  for (const [at, { columns, index }] of places.entries()) {
    points += (columns.offsets[index + 1] ?? 0) - (columns.offsets[index] ?? 0);
    offsets[at + 1] = points;
  }
  const steps = new Float32Array(points);
  const values = new Float32Array(points);
  for (const [at, { columns, index }] of places.entries()) {
    const [from, to] = [columns.offsets[index], columns.offsets[index + 1]];
    steps.set(columns.steps.subarray(from, to), offsets[at]);
    values.set(columns.values.subarray(from, to), offsets[at]);
  }
  return {
    events,
    trials: Uint32Array.from(places, ({ columns, index }) => columns.trials[index] ?? 0),
    offsets,
    steps,
    values,
    states: Uint8Array.from(places, ({ columns, index }) => columns.states[index] ?? 0),
  };
}

/** Curves with some of them replaced, and others added, by newer ones. */
export function mergeCurves(old: CurveColumns, newer: CurveColumns): CurveColumns {
  if (newer.trials.length === 0) return { ...old, events: newer.events };
  const places: Place[] = [];
  let [a, b] = [0, 0];
  while (a < old.trials.length || b < newer.trials.length) {
    const [left = Number.POSITIVE_INFINITY, right = Number.POSITIVE_INFINITY] = [
      old.trials[a],
      newer.trials[b],
    ];
    if (right <= left) {
      places.push({ columns: newer, index: b });
      b += 1;
      if (right === left) a += 1;
    } else {
      places.push({ columns: old, index: a });
      a += 1;
    }
  }
  return gather(newer.events, places);
}

/** The curves for which a condition holds. @param holds of the trial and its state's place */
export function chooseCurves(
  columns: CurveColumns,
  holds: (trial: number, state: number) => boolean,
): CurveColumns {
  const places = [...columns.trials.keys()]
    .filter((index) => holds(columns.trials[index] ?? 0, columns.states[index] ?? 0))
    .map((index) => ({ columns, index }));
  return places.length === columns.trials.length ? columns : gather(columns.events, places);
}
