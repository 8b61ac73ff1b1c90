import { describe } from "vitest";
import type { SchedulerChoice } from "../core/scheduler.js";
import { type Law, testLaws } from "./laws.js";
import { logLaws } from "./scheduler-contract/log-laws.js";
import { meritLaws } from "./scheduler-contract/merit-laws.js";
import type { SchedulerExpectations, SchedulerSubject } from "./scheduler-contract/simulated-scheduler.js";

export type { SchedulerExpectations } from "./scheduler-contract/simulated-scheduler.js";

/** All laws for schedulers. */
export const schedulerLaws: readonly Law<SchedulerSubject>[] = [...logLaws, ...meritLaws];

/** A scheduler with its expectations; defaults apply to most schedulers. */
export function schedulerSubject(
  choice: SchedulerChoice,
  expectations: SchedulerExpectations,
): SchedulerSubject {
  const { acts = true, compares = true } = expectations;
  return { choice, acts, compares };
}

/**
 * The contract of every scheduler, over randomly generated studies with 1 to 64 trials in flight, failures, retries,
 * lost workers, late reports, diverged and missing metrics, and over studies whose curves never cross, which show
 * whether it tells good trials from bad ones. Call it in a vitest test file:
 *
 * @example schedulerContract(median({ startup: 2 }), { acts: true })
 */
export function schedulerContract(choice: SchedulerChoice, expectations: SchedulerExpectations = {}): void {
  describe(`scheduler ${choice.name} ${JSON.stringify(choice.options)} keeps the contract`, () => {
    testLaws(schedulerSubject(choice, expectations), schedulerLaws);
  });
}
