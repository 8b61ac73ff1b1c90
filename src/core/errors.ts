/** Details of a {@link CurvewiseError}. */
export interface ErrorDetails {
  /** What a person can do about it, as one sentence. */
  readonly hint?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** Whose fault it is: the command line exits with code 2 for a `user` error and with 1 for a `failure`. */
  readonly kind?: "user" | "failure";
}

/**
 * The one error class of Curvewise. `code` is stable (programs may branch on it), `message` says what is wrong and
 * where, `hint` how to fix it.
 */
export class CurvewiseError extends Error {
  override readonly name = "CurvewiseError";
  /** Stable, in capitals: `SPACE_INVALID`, `STUDY_OWNED`. */
  readonly code: string;
  /** What a person can do about it. */
  readonly hint: string | undefined;
  /** `user`: the input was wrong; `failure`: the input was right but something failed. */
  readonly kind: "user" | "failure";

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.kind = details.kind ?? "user";
  }
}

/** Whether a value is a {@link CurvewiseError}, even one created by another copy of the package. */
export function isCurvewiseError(value: unknown): value is CurvewiseError {
  return value instanceof Error && value.name === "CurvewiseError" && "code" in value;
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
