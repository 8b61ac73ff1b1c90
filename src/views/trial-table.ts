import { textOfValue } from "../core/param-value.js";
import type { Study } from "../core/study.js";
import { goalValue, lastStep, lastValue, secondsOf, type Trial } from "../core/trial.js";
import type { TrialColumn, TrialTable } from "./contract.js";
import { metricsOf } from "./study-view.js";
import { finite } from "./viewed-study.js";

type Cell = number | string | null;

function paramCell(trial: Trial, name: string): Cell {
  const value = trial.params[name];
  if (value === undefined) return null;
  return typeof value === "number" ? value : textOfValue(value);
}

/** A number as a cell: a word if it is not finite. */
const numberCell = (value: number | undefined): Cell =>
  value === undefined ? null : Number.isFinite(value) ? value : String(value);

/** A column is of numbers unless a cell is a text. */
function columnOf(name: string, cells: readonly Cell[], isNumber = false): TrialColumn {
  const isText = !isNumber && cells.some((cell) => typeof cell === "string");
  return isText
    ? { name, kind: "text", cells: cells.map((cell) => (cell === null ? null : String(cell))) }
    : { name, kind: "number", cells };
}

/** What each trial has in the columns that all studies have. */
export const TRIAL_FIELDS: readonly {
  readonly name: string;
  readonly cell: (trial: Trial, study: Study) => Cell;
  /** Whether its texts are numbers that are not finite. */
  readonly isNumber?: boolean;
}[] = [
  { name: "trial", cell: ({ number }) => number },
  { name: "state", cell: ({ state }) => state },
  {
    name: "value",
    cell: (trial, { definition }) => numberCell(goalValue(trial, definition.goal)),
    isNumber: true,
  },
  { name: "step", cell: (trial) => lastStep(trial) },
  { name: "seconds", cell: (trial) => finite(secondsOf(trial)) },
  { name: "sampler", cell: ({ sampler }) => sampler },
  { name: "worker", cell: ({ worker }) => worker ?? null },
];

/** All trials: the fields that all studies have, then params, then the last values of metrics. */
export function trialTable(study: Study): TrialTable {
  const { trials } = study;
  const known = trials.filter(() => true);
  const params = Object.keys(study.definition.space);
  const metrics = metricsOf(study).filter((metric) => metric !== study.definition.goal.metric);
  return {
    events: study.events,
    trials: known.map(({ number }) => number),
    columns: [
      ...TRIAL_FIELDS.map(({ name, cell, isNumber }) =>
        columnOf(
          name,
          known.map((trial) => cell(trial, study)),
          isNumber,
        ),
      ),
      ...params.map((name) =>
        columnOf(
          name,
          known.map((trial) => paramCell(trial, name)),
        ),
      ),
      ...metrics.map((name) =>
        columnOf(
          name,
          known.map((trial) => numberCell(lastValue(trial, name))),
          true,
        ),
      ),
    ],
  };
}
