import { isCurvewiseError, messageOf } from "./errors.js";
import { ofFields } from "./fields.js";

/** What went wrong, as the log keeps it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/**
 * What was thrown, as the log and answers tell it.
 *
 * @param code the code of what is not a {@link CurvewiseError}
 */
export function failureOf(thrown: unknown, code: string): Failure {
  if (!isCurvewiseError(thrown)) return { code, message: messageOf(thrown) };
  const { code: own, message, hint } = thrown;
  return ofFields<Failure>({ code: own, message, hint });
}
