import type { Goal } from "../../core/goal.js";
import type { Random } from "../../math/random.js";
import type { Member } from "./members.js";

/** What a strategy bases its choice on. */
export interface SelectionSetup {
  readonly goal: Goal;
  /** The share of the population in the least fit and in the fittest quantile. */
  readonly quantile: number;
}

/** Whose model a member goes on with; without a parent, it keeps its own. */
export interface Selection {
  readonly parent?: Member;
  /** What was found, as the beginning of a sentence. */
  readonly finding: string;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Chooses whether a member goes on with another's model, and whose.
 *
 * @param member one of `ranking`
 * @param ranking every member that can be ranked, fittest first
 */
export type SelectionStrategy = (
  member: Member,
  ranking: readonly Member[],
  setup: SelectionSetup,
  random: Random,
) => Selection;
