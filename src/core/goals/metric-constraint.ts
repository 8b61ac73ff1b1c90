import { CurvewiseError } from "../errors.js";
import { LIMIT_COMPARISONS, type LimitComparison, type MetricConstraint } from "../goal.js";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

const isComparison = (text: string): text is LimitComparison =>
  LIMIT_COMPARISONS.some((comparison) => comparison === text);

/**
 * Reads a constraint on a metric as users write it.
 *
 * @param text a comparison and a number: `<= 16`
 * @throws CurvewiseError `GOAL_INVALID`
 */
export function parseMetricConstraint(metric: string, text: string): MetricConstraint {
  const [, comparison = "", limit = ""] = /^\s*([<>]=?)\s*(\S+)\s*$/u.exec(text) ?? [];
  if (isComparison(comparison) && NUMBER.test(limit) && Number.isFinite(Number(limit)))
    return { metric, comparison, limit: Number(limit) };
  throw new CurvewiseError("GOAL_INVALID", `the constraint on metric "${metric}" is "${text}"`, {
    hint: `Write ${LIMIT_COMPARISONS.join(", ")} and a number, for example "<= 16". A rule across params is a function in TypeScript, and a line of a list in a study file.`,
  });
}

/** A constraint as users write it: `memory_gb <= 16`. */
export const constraintText = ({ metric, comparison, limit }: MetricConstraint): string =>
  `${metric} ${comparison} ${limit}`;

/**
 * How far a value is beyond its limit, as a share of the limit (of 1, if the limit is 0): 0 if the constraint holds,
 * and infinite for a value that is not finite.
 */
export function violationOf(value: number, { comparison, limit }: MetricConstraint): number {
  if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
  const isUpper = comparison === "<=" || comparison === "<";
  const excess = isUpper ? value - limit : limit - value;
  if (excess < 0 || (excess === 0 && (comparison === "<=" || comparison === ">="))) return 0;
  return Math.max(excess / (Math.abs(limit) || 1), Number.MIN_VALUE);
}
