import { shownText } from "../findings.js";
import { type Format, numberIn } from "./format.js";
import { createTableReader } from "./tables.js";

/** `[0, 0.7172343730926514, 0.6768380999565125, 0.5600000023841858, '00:00']` */
const LIST = /^\s*\[(\d+), (.*), '[\d:]+'\]\s*$/;
/** What the first columns always are; a list has no head. */
const LOSSES = ["train_loss", "valid_loss"] as const;

/** The metrics of a list; those that the learner was given are numbered, for want of their names. */
function listedMetrics(cells: readonly string[]): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const [index, cell] of cells.entries()) {
    const value = numberIn(cell);
    if (value !== undefined) metrics[LOSSES[index] ?? `metric ${index - LOSSES.length + 1}`] = value;
  }
  return metrics;
}

/**
 * The table of fastai: a head `epoch  train_loss  valid_loss  accuracy  time`, and a row for each epoch. Without progress
 * bars (`learn.no_bar()`, or programs that do not import them) it prints lists instead, with neither a head nor names:
 * `train_loss`, `valid_loss`, then `metric 1` and so on. Epochs count from 0.
 *
 * Source: fastai/callback/progress.py, fastai/learner.py (`Recorder`), fastprogress.
 */
export const fastai: Format = {
  from: "stdout",
  firstStep: 0,
  create: () => {
    const table = createTableReader("epoch");
    return {
      read: (line) => {
        const [, epoch, cells = ""] = LIST.exec(shownText(line)) ?? [];
        const step = numberIn(epoch);
        if (step !== undefined) {
          const metrics = listedMetrics(cells.split(", "));
          return Object.keys(metrics).length === 0 ? [] : [{ kind: "report", step, metrics }];
        }
        const row = table.read(line);
        return row === undefined ? [] : [{ kind: "report", ...row }];
      },
      end: () => [],
    };
  },
};
