import { CurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import type { Study } from "../core/study.js";

/** After this many attempts that failed before anything at all was reported, the study gives up. */
export const HOPELESS_FAILURES = 3;

/** Watches for a study whose every attempt fails at once: going on would only fail all of its trials. */
export function createFailureWatch(giveUp: (error: CurvewiseError) => void): {
  observe(event: StudyEvent, study: Study): void;
} {
  let failures = 0;
  return {
    observe: (event, study) => {
      if (event.type !== "failed" || study.totalSteps > 0) return;
      failures += 1;
      if (failures < HOPELESS_FAILURES) return;
      const { code, message, hint } = event.error;
      const output = event.output.length === 0 ? "" : `\n${event.output.slice(-10).join("\n")}`;
      giveUp(
        new CurvewiseError(
          "TRIALS_FAILING",
          `the first ${failures} attempts failed and nothing was ever reported; the last one: ${code}: ${message}${output}`,
          {
            hint: `${hint === undefined ? "" : `${hint} `}Mend the training program, then run with --retry-failed.`,
            kind: "failure",
          },
        ),
      );
    },
  };
}
