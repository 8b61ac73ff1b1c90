import { isCurvewiseError, messageOf } from "./errors.js";
import { ofFields } from "./fields.js";

/** What went wrong, as the log keeps it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/**
 * A thrown value as logs and answers describe it.
 *
 * @param code the code for anything that is not a {@link CurvewiseError}
 */
export function failureOf(thrown: unknown, code: string): Failure {
  if (!isCurvewiseError(thrown)) return { code, message: messageOf(thrown) };
  const { code: own, message, hint } = thrown;
  return ofFields<Failure>({ code: own, message, hint });
}
