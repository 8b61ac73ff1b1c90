import type { Study } from "../core/study.js";
import type { HappeningsView } from "./contract.js";

/** More would not be read. */
const MOST_HAPPENINGS = 100;

/** The newest notes, newest first. */
export function happeningsView({ notes }: Study): HappeningsView {
  return {
    happenings: notes
      .slice(-MOST_HAPPENINGS)
      .toReversed()
      .map(({ time, trial, code, message, hint }) => ({
        time,
        trial: trial ?? null,
        code,
        message,
        hint: hint ?? null,
      })),
  };
}
