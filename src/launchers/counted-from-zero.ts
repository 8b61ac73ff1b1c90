import type { ReportAnswer } from "../core/launcher.js";
import type { TrialTalk } from "./trial-talk.js";

/** How a program that counts its steps from 0 calls the step that everything else calls by this number. */
export const fromZero = (step: number): number => step - 1;

/** The step, as everything else calls it, that a program which counts from 0 calls by this number. */
export const toOne = (step: number): number => step + 1;

/** The talk with a program that counts its steps from 0: its step 0 is step 1 to everything else. */
export function countedFromZero(talk: TrialTalk): TrialTalk {
  const translated = (answer: ReportAnswer): ReportAnswer => {
    if (typeof answer !== "object") return answer;
    const { step, path } = answer.resume;
    return { ...answer, resume: { step: fromZero(step), path } };
  };
  return {
    get told() {
      return talk.told;
    },
    report: async (step, metrics, canExploit) =>
      translated(await talk.report(toOne(step), metrics, canExploit)),
    snapshot: (step, path) => talk.snapshot(toOne(step), path),
    note: talk.note,
    close: talk.close,
  };
}
