import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import type { FailuresView, HappeningsView } from "./contract.js";

/** More would not be read. */
const MOST_HAPPENINGS = 100;
const MOST_REASONS = 20;
const MOST_TRIALS = 30;
/** What is shown of a program's output: its end, in lines that are cut. */
const MOST_LINES = 40;
const LONGEST_LINE = 500;

/** The last lines of a program's output, each cut to a length that a page can show. */
const lastLines = (output: readonly string[]): string[] =>
  output
    .slice(-MOST_LINES)
    .map((line) => (line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)} …`));

/** Trials that failed, by their reason, the most frequent first. */
function failuresOf({ trials }: Study): FailuresView[] {
  const groups = new Map<string, { readonly first: Trial; readonly numbers: number[] }>();
  for (const trial of trials) {
    if (trial.failure === undefined || trial.state !== "failed") continue;
    const key = JSON.stringify([trial.failure.code, trial.failure.message]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: trial, numbers: [trial.number] });
    else group.numbers.push(trial.number);
  }
  return [...groups.values()]
    .sort((a, b) => b.numbers.length - a.numbers.length)
    .map(({ first: { failure }, numbers }) => ({
      code: failure?.code ?? "",
      message: failure?.message ?? "",
      hint: failure?.hint ?? null,
      count: numbers.length,
      trials: numbers.slice(0, MOST_TRIALS),
      output: lastLines(failure?.output ?? []),
    }));
}

/** What went wrong, the most frequent first, and the newest notes, newest first. */
export function happeningsView(study: Study): HappeningsView {
  const failures = failuresOf(study);
  return {
    failures: failures.slice(0, MOST_REASONS),
    otherFailures: Math.max(0, failures.length - MOST_REASONS),
    happenings: study.notes
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
