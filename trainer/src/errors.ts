/**
 * The error of the trainer. It has the form of Curvewise's own errors (a stable code, a message that says
 * what is wrong, a hint that says how to correct it), but the trainer is a program like any user's: from
 * Curvewise it imports only the schedules, by the package's name.
 */
export class TrainerError extends Error {
  override readonly name = "TrainerError";
  /** Stable, in capitals: `IDX_TRUNCATED`, `SNAPSHOT_MISMATCH`. */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string;
  /** `user`: the input was wrong; `failure`: the input was right, but it still failed. */
  readonly kind: "user" | "failure";

  constructor(
    code: string,
    message: string,
    hint: string,
    details: { readonly cause?: unknown; readonly kind?: "user" | "failure" } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = hint;
    this.kind = details.kind ?? "user";
  }
}
