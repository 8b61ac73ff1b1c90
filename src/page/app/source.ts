import type { Change, ProblemView, RequestAnswer, RequestView } from "../../views/contract.js";

/** Why something that was asked for is not there. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, hint: string | null) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** An error from what a source said of it. */
export const answerError = ({ error }: ProblemView): AnswerError =>
  new AnswerError(error.code, error.message, error.hint);

/** Anything thrown, as an error that the page can show. */
export function asAnswerError(thrown: unknown): AnswerError {
  if (thrown instanceof AnswerError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AnswerError("UNEXPECTED", message, null);
}

/** Told of changes, and of whether the connection that brings them stands. */
export interface LiveListener {
  readonly onChange: (change: Change) => void;
  readonly onConnection: (isConnected: boolean) => void;
}

/** Where answers come from: a server, or the page itself. Paths are those of `views/contract.ts`. */
export interface Source {
  /** Whether studies may change, and may be acted upon. */
  readonly isLive: boolean;
  /** The time by the clock of whoever answers, in milliseconds since 1970: the reader's may be wrong. */
  now(): number;
  /** Whether a path may have an answer: false, if asking is in vain. */
  has(path: string): boolean;
  /** @throws AnswerError if there is no answer */
  json<Answer>(path: string, signal?: AbortSignal): Promise<Answer>;
  /** @throws AnswerError if there is no answer */
  bytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer>;
  /** Follows a study until the returned function is called. */
  live(study: string, listener: LiveListener): () => void;
  /** @throws AnswerError if the request was refused */
  send(study: string, request: RequestView): Promise<RequestAnswer>;
}
