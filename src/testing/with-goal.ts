import type { Goal } from "../core/goal.js";

/** A sampler or scheduler, whatever it is created for. */
interface Choice<Setup extends { readonly goal: Goal }, Made> {
  readonly name: string;
  readonly options: { readonly [option: string]: unknown };
  readonly create: (setup: Setup) => Made;
}

/**
 * A sampler or scheduler that is told another goal than the studies of the contract suites have: several goals, or
 * constraints on metrics, of which their programs report loss and accuracy.
 *
 * @example schedulerContract(withGoal(asha(), (goal) => ({ ...goal, others: [{ metric: "accuracy", direction: "maximize" }] })), { acts: true })
 */
export function withGoal<Setup extends { readonly goal: Goal }, Made, Chosen extends Choice<Setup, Made>>(
  choice: Chosen & Choice<Setup, Made>,
  change: (goal: Goal) => Goal,
): Chosen {
  return { ...choice, create: (setup: Setup) => choice.create({ ...setup, goal: change(setup.goal) }) };
}
