import { counted } from "../../core/wording.js";

/** How many of the trials that reached a rung may go on from it: one in `eta`. */
export interface Quota {
  readonly reached: number;
  readonly eta: number;
  /** How many have, besides the one that is spoken of. */
  readonly others: number;
}

/** A rung's quota in words, as the end of a sentence: `of the 52 trials that reached it 26 may go on, and 25 others have.` */
export function quotaText({ reached, eta, others }: Quota): string {
  const quota = Math.floor(reached / eta);
  const of = `of the ${counted(reached, "trial")} that reached it`;
  if (quota === 0) return `${of} none may go on yet (one in ${eta} may).`;
  const gone = others > 1 ? `${others} others have` : others === 1 ? "1 other has" : "no other has yet";
  return `${of} ${quota} may go on, and ${gone}.`;
}
