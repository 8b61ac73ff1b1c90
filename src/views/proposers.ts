import { costOf } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { goalValue } from "../core/trial.js";
import type { StudyView } from "./contract.js";
import type { AskedFor } from "./viewed-log.js";
import { finite } from "./viewed-study.js";

/** Who proposed how many trials, and the value of the best one of each: the best first. */
export function proposersOf(
  { trials, askedBy, definition }: Pick<Study, "trials" | "askedBy" | "definition">,
  askedFor: AskedFor,
): StudyView["proposers"] {
  const { goal } = definition;
  const counts = new Map(askedBy);
  const add = (name: string, count: number): void => {
    counts.set(name, (counts.get(name) ?? 0) + count);
  };
  for (const by of askedFor.values()) {
    add("enqueue", -1);
    add(by, 1);
  }
  const best = new Map<string, number>();
  for (const trial of trials) {
    const value = goalValue(trial, goal);
    if (value === undefined || !Number.isFinite(value)) continue;
    const name = askedFor.get(trial.number) ?? trial.sampler;
    const known = best.get(name);
    if (known === undefined || costOf(value, goal) < costOf(known, goal)) best.set(name, value);
  }
  const costOfBest = (name: string): number => {
    const value = best.get(name);
    return value === undefined ? Number.POSITIVE_INFINITY : costOf(value, goal);
  };
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => ({ name, trials: count, best: finite(best.get(name)) }))
    .sort((a, b) => {
      const [first, second] = [costOfBest(a.name), costOfBest(b.name)];
      if (first !== second) return first < second ? -1 : 1;
      return a.name < b.name ? -1 : 1;
    });
}
