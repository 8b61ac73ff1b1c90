/** What a {@link CurvewiseError} is made from. */
export interface ErrorDetails {
  /** What a person can do about it, as one sentence. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** Whose mistake it is: `user` errors end the command line with exit code 2, `failure`s with 1. */
  readonly kind?: "user" | "failure";
}

/**
 * The one error class of Curvewise. `code` is stable (programs may branch on it), `message` says what is wrong
 * and where, `hint` how to mend it.
 */
export class CurvewiseError extends Error {
  override readonly name = "CurvewiseError";
  /** Stable, in capitals: `SPACE_INVALID`, `STUDY_OWNED`. */
  readonly code: string;
  /** What a person can do about it. */
  readonly hint: string | undefined;
  /** `user`: the input was wrong; `failure`: the input was right and it failed all the same. */
  readonly kind: "user" | "failure";

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.kind = details.kind ?? "user";
  }
}

/** Whether a value is a {@link CurvewiseError}, also one made by another copy of the package. */
export function isCurvewiseError(value: unknown): value is CurvewiseError {
  return value instanceof Error && value.name === "CurvewiseError" && "code" in value;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
