import { counted } from "../../core/wording.js";
import { canBeParent, quantileSize } from "./members.js";
import type { SelectionStrategy } from "./selection.js";

/**
 * Truncation selection (Jaderberg et al. 2017, section 4.1.1): a member of the least fit quantile takes the model of
 * one drawn from the fittest quantile.
 */
export const truncation: SelectionStrategy = (member, ranking, { goal, quantile }, random) => {
  const size = quantileSize(ranking.length, quantile);
  const rank = ranking.indexOf(member) + 1;
  const values = { members: ranking.length, rank, quantileSize: size };
  const place = `It is number ${rank} of ${counted(ranking.length, "member")}`;
  if (size === 0) return { finding: `${place}, too few to replace any`, values };
  if (rank <= ranking.length - size) {
    return { finding: `${place}, not among the ${size} least fit`, values };
  }
  const parents = ranking.slice(0, size).filter((each) => canBeParent(each, member.trial, goal));
  const parent = parents[random.integer(0, Math.max(0, parents.length - 1))];
  const least = size === 1 ? "the least fit" : `one of the ${size} least fit`;
  if (parent === undefined) {
    return {
      finding: `${place}, ${least}, but no fitter one has a snapshot to go on from`,
      values,
    };
  }
  return { parent, finding: `${place}, ${least}`, values };
};
