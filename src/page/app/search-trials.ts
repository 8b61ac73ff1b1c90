import { isCurvewiseError } from "../../core/errors.js";
import type { FilteredTrials, TrialTable } from "../../views/contract.js";
import { filterTrials } from "../../views/filter-trials.js";
import { AnswerError } from "./source.js";

/** What a search found, or why it cannot be read. */
export interface Searched {
  readonly found?: FilteredTrials;
  readonly error?: AnswerError;
}

/** What an expression has and words have not. */
const COMPARISON = /[<>=!]/;

/** The trials in whose rows all words are somewhere. */
function trialsWith({ trials, columns }: TrialTable, text: string): FilteredTrials {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return {
    trials: trials.filter((_, row) => {
      const cells = columns.map(({ cells: column }) => String(column[row] ?? "").toLowerCase());
      return words.every((word) => cells.some((cell) => cell.includes(word)));
    }),
  };
}

/** Searches a table by an expression such as `lr < 0.01`, as a server does, or by words, for reports, which have none. */
export function searchTrials(table: TrialTable, text: string): Searched {
  try {
    return { found: filterTrials(table, text) };
  } catch (thrown) {
    if (!isCurvewiseError(thrown)) throw thrown;
    if (!COMPARISON.test(text)) return { found: trialsWith(table, text) };
    return { error: new AnswerError(thrown.code, thrown.message, thrown.hint ?? null) };
  }
}
