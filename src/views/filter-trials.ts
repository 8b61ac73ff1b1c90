import { parseConstraint } from "../core/constraint.js";
import { CurvewiseError } from "../core/errors.js";
import type { Param } from "../core/param.js";
import { choice, float } from "../core/param.js";
import type { FilteredTrials, TrialTable } from "./contract.js";

/** The widest range of a number. */
const WIDE = Number.MAX_VALUE / 4;

/**
 * The trials for which an expression over the table's columns holds, such as `lr < 0.01 and state == "complete"`. A trial
 * without a value in a column that the expression names is left out.
 *
 * @throws CurvewiseError `FILTER_INVALID`
 */
export function filterTrials({ trials, columns }: TrialTable, expression: string): FilteredTrials {
  const space: Record<string, Param> = Object.fromEntries(
    columns.map(({ name, kind, cells }) => {
      const texts = [...new Set(cells.filter((cell) => typeof cell === "string"))];
      return [name, kind === "number" || texts.length === 0 ? float(-WIDE, WIDE) : choice(texts)];
    }),
  );
  const parsed = parseConstraint(expression, space, "column");
  if ("problem" in parsed) {
    throw new CurvewiseError("FILTER_INVALID", `the filter cannot be read: ${parsed.problem}`, {
      hint: 'Write it like `lr < 0.01 and state == "complete"`, with the names of columns.',
    });
  }
  const { constraint, names } = parsed;
  const needed = columns.filter(({ name }) => names.includes(name));
  return {
    trials: trials.filter((_, row) => {
      const cells = needed.flatMap(({ name, kind, cells: column }) => {
        const cell = column[row];
        const isMissing =
          cell === null || cell === undefined || (kind === "number" && typeof cell === "string");
        return isMissing ? [] : [[name, cell] as const];
      });
      return cells.length === needed.length && constraint.holds(Object.fromEntries(cells));
    }),
  };
}
