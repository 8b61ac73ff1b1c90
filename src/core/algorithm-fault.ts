import { CurvewiseError, isCurvewiseError, messageOf } from "./errors.js";
import type { AlgorithmChoice } from "./study-definition.js";

/** Who may be at fault, for messages. */
export interface Culprit extends Pick<AlgorithmChoice, "name" | "module"> {
  readonly kind: "sampler" | "scheduler";
}

const nameOf = ({ kind, name, module }: Culprit): string =>
  `${kind} ${name}${module === undefined ? "" : ` (${module.specifier})`}`;

/** What to do; the code of a module is recorded, so that a study has to be told that it changed. */
const hintFor = ({ module }: Culprit): string =>
  `Fix its code and run the study again${module === undefined ? "" : " with --accept-changed-algorithm"}: nothing recorded is lost.`;

/**
 * The error for an algorithm that returns something invalid.
 *
 * @param rule what a valid answer is, as a sentence
 */
export function wrongAnswer(culprit: Culprit, method: string, problem: string, rule = ""): CurvewiseError {
  return new CurvewiseError("ALGORITHM_FAILED", `${nameOf(culprit)}, in \`${method}\`: ${problem}`, {
    hint: `${rule} ${hintFor(culprit)}`.trim(),
    kind: "failure",
  });
}

/**
 * Calls an algorithm so that errors that it throws name it.
 *
 * @throws CurvewiseError `ALGORITHM_FAILED`; the algorithm's own error if that is a CurvewiseError
 */
export function callAlgorithm<Answer>(culprit: Culprit, method: string, call: () => Answer): Answer {
  try {
    const answer = call();
    // Nothing awaits a promise, which is refused: a rejection must not go unhandled.
    if (answer instanceof Promise) answer.catch(() => {});
    return answer;
  } catch (cause) {
    if (isCurvewiseError(cause)) throw cause;
    throw new CurvewiseError(
      "ALGORITHM_FAILED",
      `${nameOf(culprit)} threw in \`${method}\`: ${messageOf(cause)}`,
      { hint: `${hintFor(culprit)} CURVEWISE_DEBUG=1 shows where it threw.`, cause, kind: "failure" },
    );
  }
}

/**
 * Tells an algorithm something. It may answer anything but a promise, which would mean that it has not taken it in.
 *
 * @throws CurvewiseError `ALGORITHM_FAILED`, see {@link callAlgorithm}
 */
export function tellAlgorithm(culprit: Culprit, method: string, call: () => unknown): void {
  const answer = callAlgorithm(culprit, method, call);
  if (answer instanceof Promise) throw wrongAnswer(culprit, method, `it answered with ${shownValue(answer)}`);
}

/** Describes an invalid answer in a few words. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof Promise) return "a promise, but it must answer synchronously";
  if (typeof value === "number") return String(value);
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") {
    return `a ${typeof value}`;
  }
  const text = jsonOf(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function jsonOf(value: unknown): string {
  try {
    // JSON has no words for these, and would show null.
    const words = JSON.stringify(value, (_key, part: unknown) =>
      typeof part === "number" && !Number.isFinite(part) ? `\u0000${part}` : part,
    );
    return words.replaceAll(/"\\u0000(NaN|-?Infinity)"/g, "$1");
  } catch {
    return "an object that is not plain data";
  }
}
