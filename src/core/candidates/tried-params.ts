import type { Params } from "../param.js";
import { quantilesOf, type SearchSpace } from "../search-space.js";
import type { Trial } from "../trial.js";
import { keyOf } from "./params-key.js";

/** Floats closer than this, in quantiles of their range, differ only by rounding. */
const ROUNDING = 1e-9;
/** Into how many parts the first float's range is cut, so that only few params have to be compared. */
const PARTS = 2 ** 20;

/** The params that trials have. */
export interface TriedParams {
  /** Takes in that a trial has its params; whether it had others before, or none. */
  note(trial: Pick<Trial, "number" | "params">): boolean;
  /** Whether a trial has these params, but for the rounding of floats. */
  has(params: Params): boolean;
  /** The params of all trials. */
  all(): readonly Params[];
}

/** How many trials have the same floats. */
interface Entry {
  readonly places: readonly number[];
  count: number;
}

/** @param space tells which params are floats without steps; values of all others must be equal to be the same */
export function createTriedParams(space: SearchSpace): TriedParams {
  const floats = Object.entries(space.params).filter(
    ([, param]) => param.kind === "float" && param.step === undefined,
  );
  /** By what must be equal, and by the part of the first float. */
  const entries = new Map<string, Entry[]>();
  const noted: { readonly params: Params; readonly entry: Entry }[] = [];

  const placesOf = (params: Params): number[] =>
    floats.flatMap(([name, param]) => {
      const value = params[name];
      return value === undefined ? [] : quantilesOf(param, value)[0];
    });
  const equalPartOf = (params: Params): string => {
    const part = { ...params };
    for (const [name] of floats) if (part[name] !== undefined) part[name] = "";
    return keyOf(part);
  };
  const keyIn = (equalPart: string, place = 0): string => `${Math.floor(place * PARTS)} ${equalPart}`;
  const within = (tolerance: number, params: Params): readonly Entry[] => {
    const wanted = placesOf(params);
    const equalPart = equalPartOf(params);
    const [first = 0] = wanted;
    const keys = new Set([first - tolerance, first + tolerance].map((place) => keyIn(equalPart, place)));
    return [...keys].flatMap((key) =>
      (entries.get(key) ?? []).filter(({ places }) =>
        places.every((place, index) => Math.abs(place - (wanted[index] ?? Number.NaN)) <= tolerance),
      ),
    );
  };
  const add = (params: Params): Entry => {
    const entry = { places: placesOf(params), count: 0 };
    const key = keyIn(equalPartOf(params), entry.places[0]);
    const known = entries.get(key);
    if (known === undefined) entries.set(key, [entry]);
    else known.push(entry);
    return entry;
  };

  return {
    note: ({ number, params }) => {
      const before = noted[number];
      if (before?.params === params) return false;
      // A scheduler may change the params of a trial: only those that it has now count, as after a restart.
      if (before !== undefined) before.entry.count -= 1;
      const entry = within(0, params)[0] ?? add(params);
      entry.count += 1;
      noted[number] = { params, entry };
      return true;
    },
    has: (params) => within(ROUNDING, params).some(({ count }) => count > 0),
    // Trials may be missing: those that were forgotten.
    all: () => noted.flatMap((each) => (each === undefined ? [] : [each.params])),
  };
}
