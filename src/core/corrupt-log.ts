import { CurvewiseError } from "./errors.js";

/**
 * Refuses the next event of a log.
 *
 * @param study the state before that event
 * @throws CurvewiseError `LOG_INVALID`, always
 */
export function corrupt(study: { readonly events: number }, message: string): never {
  throw new CurvewiseError("LOG_INVALID", `event ${study.events + 1} of the study's log: ${message}`, {
    hint: "The log was modified by something else or is damaged; restore it from a backup.",
    kind: "failure",
  });
}
