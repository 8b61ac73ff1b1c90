import jstat from "jstat";
import { counted, shown } from "../../core/wording.js";
import { canBeParent, type Member } from "../population/members.js";
import type { SelectionStrategy } from "../population/selection.js";

/** How many of the newest reports are compared. */
const REPORTS = 10;
/** The probability below which a difference counts. */
const SIGNIFICANCE = 0.05;

/** The newest finite values reported for a member's current model, at most {@link REPORTS}. */
function recentValues({ trial }: Member, metric: string): number[] {
  const since = trial.inheritances.at(-1)?.step ?? 0;
  const column = trial.curve.metrics.get(metric) ?? [];
  const values: number[] = [];
  for (let index = column.length - 1; index >= 0 && values.length < REPORTS; index--) {
    const value = column[index] ?? Number.NaN;
    if ((trial.curve.steps[index] ?? 0) <= since) break;
    if (Number.isFinite(value)) values.push(value);
  }
  return values;
}

/** Mean and variance of the mean. */
function meanOf(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) / values.length };
}

/**
 * The two-sided probability of a difference in means at least as large as the observed one, by Welch's t-test ("The
 * generalization of 'Student's' problem when several different population variances are involved", Biometrika 1947).
 * With zero variance: 0 for unequal means, 1 for equal ones.
 *
 * @param a at least 2 values
 * @param b at least 2 values
 */
export function welchProbability(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [meanOf(a), meanOf(b)];
  const variance = first.variance + second.variance;
  if (variance === 0) return first.mean === second.mean ? 1 : 0;
  const t = Math.abs(first.mean - second.mean) / Math.sqrt(variance);
  // In shares of the variance, since squares of small variances underflow to zero.
  const [shareA, shareB] = [first.variance / variance, second.variance / variance];
  const degrees = 1 / (shareA ** 2 / (a.length - 1) + shareB ** 2 / (b.length - 1));
  // The regularised incomplete beta function gives the two-sided probability directly: nothing cancels, however small
  // it is.
  return Math.min(1, jstat.ibeta(degrees / (degrees + t * t), degrees / 2, 0.5));
}

/**
 * T-test selection (Jaderberg et al. 2017, section 4.1.1 and appendix A.1.1): a member is compared with another drawn
 * at random, and takes its model if the mean of its last 10 reports is better and Welch's t-test finds the difference
 * significant (p below 0.05). For noisy metrics. A diverged member always loses.
 */
export const tTest: SelectionStrategy = (member, ranking, { goal }, random) => {
  const others = ranking.filter((each) => each !== member);
  const values = { members: ranking.length, rank: ranking.indexOf(member) + 1 };
  const rival = others[random.integer(0, Math.max(0, others.length - 1))];
  if (rival === undefined) return { finding: "There is no other member to compare it with", values };
  const met = `It met trial ${rival.trial.number} of ${counted(others.length, "other member")}`;
  if (!canBeParent(rival, member.trial, goal))
    return { finding: `${met}, which has no snapshot to go on from`, values };
  if (!Number.isFinite(member.cost))
    return { parent: rival, finding: `${met}, and has diverged itself`, values };
  const [own, theirs] = [recentValues(member, goal.metric), recentValues(rival, goal.metric)];
  if (own.length < 2 || theirs.length < 2) {
    return { finding: `${met}, but there are too few reports for a t-test`, values };
  }
  const [mean, rivalMean] = [meanOf(own).mean, meanOf(theirs).mean];
  const probability = welchProbability(own, theirs);
  const compared = { ...values, mean, rivalMean, probability };
  const isFitter = goal.direction === "minimize" ? rivalMean < mean : rivalMean > mean;
  if (!isFitter) return { finding: `${met}, whose last reports are no better`, values: compared };
  return probability < SIGNIFICANCE
    ? {
        parent: rival,
        finding: `${met}, whose last reports are significantly better (p ${shown(probability)})`,
        values: compared,
      }
    : {
        finding: `${met}, whose last reports are not significantly better (p ${shown(probability)})`,
        values: compared,
      };
};
