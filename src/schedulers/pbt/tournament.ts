import { counted } from "../../core/wording.js";
import { canBeParent } from "../population/members.js";
import type { SelectionStrategy } from "../population/selection.js";

/**
 * Binary tournament (Jaderberg et al. 2017, appendix A.1.1): a member is compared with another drawn at random, and
 * takes its model if that one is fitter.
 */
export const tournament: SelectionStrategy = (member, ranking, { goal }, random) => {
  const others = ranking.filter((each) => each !== member);
  const values = { members: ranking.length, rank: ranking.indexOf(member) + 1 };
  const rival = others[random.integer(0, Math.max(0, others.length - 1))];
  if (rival === undefined) return { finding: "There is no other member to compare it with", values };
  const met = `It met trial ${rival.trial.number} of ${counted(others.length, "other member")}`;
  if (!(rival.cost < member.cost)) return { finding: `${met}, which is no fitter`, values };
  if (!canBeParent(rival, member.trial, goal))
    return { finding: `${met}, which is fitter but has no snapshot to go on from`, values };
  return { parent: rival, finding: `${met}, which is fitter`, values };
};
