import type { Params } from "../param.js";
import type { Trial } from "../trial.js";
import { keyOf } from "./params-key.js";

/** Which params trials have. A scheduler may change those of a trial: only what it has now counts, as after a restart. */
export interface TriedKeys {
  /** Takes in the params that a trial has now; whether it had others before, or none. */
  note(trial: Pick<Trial, "number" | "params">): boolean;
  /** Whether a trial has params of this key, see `keyOf`. */
  has(key: string): boolean;
}

/** Creates an empty set. */
export function createTriedKeys(): TriedKeys {
  const noted: { readonly params: Params; readonly key: string }[] = [];
  const counts = new Map<string, number>();
  const count = (key: string, change: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + change);
  };
  return {
    note: ({ number, params }) => {
      const before = noted[number];
      if (before?.params === params) return false;
      if (before !== undefined) count(before.key, -1);
      const key = keyOf(params);
      noted[number] = { params, key };
      count(key, 1);
      return true;
    },
    has: (key) => (counts.get(key) ?? 0) > 0,
  };
}
