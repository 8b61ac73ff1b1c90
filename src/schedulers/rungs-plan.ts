import type { Scheduler } from "../core/scheduler.js";

/** Lists of more steps are shown by their first ones and the last. */
const SHOWN_IN_FULL = 8;
const SHOWN_FIRST = 3;

/** Numbers as a list in a sentence. */
export function listed(numbers: readonly number[]): string {
  const last = numbers.at(-1);
  if (numbers.length < 2) return String(last ?? "");
  if (numbers.length > SHOWN_IN_FULL) return `${numbers.slice(0, SHOWN_FIRST).join(", ")}, ..., ${last}`;
  return `${numbers.slice(0, -1).join(", ")} and ${last}`;
}

/** What a scheduler does at its rungs. */
export interface RungsPlan {
  readonly does: "pauses" | "looks at";
  /** The rungs' steps, ascending. */
  readonly steps: readonly number[];
  /** One in so many goes on from a rung. */
  readonly eta: number;
  /** How many ladders there are; each further one begins one rung later. */
  readonly brackets?: number;
}

/** A scheduler that tells its rungs as its plan; the same one if a training has none. */
export function withRungsPlan(
  scheduler: Scheduler,
  { does, steps, eta, brackets = 1 }: RungsPlan,
): Scheduler {
  if (steps.length === 0) return scheduler;
  const where = steps.length === 1 ? "step" : "steps";
  const from = steps.length === 1 ? "there" : "from each";
  const ladders =
    brackets > 1 ? `, in ${brackets} brackets, of which each further one begins a rung later` : "";
  return {
    ...scheduler,
    plan: `${does} trials at ${where} ${listed(steps)}; about one in ${eta} goes on ${from}${ladders}`,
  };
}
