import { CurvewiseError } from "../errors.js";
import { ofFields } from "../fields.js";
import { type Goal, type GoalInput, type MetricConstraint, type MetricGoal, parseGoal } from "../goal.js";

/** One of several goals as users write it: `{ minimize: "latency", reference: 100 }`. */
export type OneOfGoals = GoalInput & {
  /** The value beyond which a trial gains nothing in this metric; by default a little beyond the worst one seen. */
  readonly reference?: number | undefined;
};

const refuse = (message: string, hint: string): never => {
  throw new CurvewiseError("GOAL_INVALID", message, { hint });
};

/**
 * Reads the goals of a study as users write them. Of several, the first one's `of` and `across` count for all of them:
 * the values of a trial are those of one model.
 *
 * @param constraints on metrics, which every feasible trial obeys
 * @throws CurvewiseError `GOAL_INVALID`
 */
export function parseGoals(
  inputs: readonly OneOfGoals[],
  constraints: readonly MetricConstraint[] = [],
): Goal {
  const [first, ...others] = inputs;
  if (first === undefined) return refuse("a study needs a goal", 'For example: { minimize: "loss" }.');
  const { reference } = first;
  const further = others.map((input): MetricGoal => {
    const { metric, direction } = parseGoal(input);
    if (input.of !== undefined || input.across !== undefined)
      refuse(
        `the goal ${metric} has \`${input.of === undefined ? "across" : "of"}\`, which belongs to the first goal`,
        "All values of a trial are taken where the first goal takes its own, so that they are of one model.",
      );
    return ofFields<MetricGoal>({ metric, direction, reference: input.reference });
  });
  const metrics = [parseGoal(first).metric, ...further.map(({ metric }) => metric)];
  const twice = metrics.find((metric, place) => metrics.indexOf(metric) !== place);
  if (twice !== undefined) refuse(`the goals name the metric "${twice}" twice`, "Name each metric once.");
  if (reference !== undefined && further.length === 0)
    refuse("`reference` is for one of several goals", "Remove it, or name the other goals as well.");
  return {
    ...parseGoal(first),
    ...(reference === undefined ? {} : { reference }),
    ...(further.length === 0 ? {} : { others: further }),
    ...(constraints.length === 0 ? {} : { constraints }),
  };
}
