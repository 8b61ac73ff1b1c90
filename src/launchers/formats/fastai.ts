import type { Format } from "./format.js";
import { createTableReader } from "./tables.js";

/**
 * The table of fastai: a head `epoch  train_loss  valid_loss  accuracy  time`, and a row for each epoch. Epochs count
 * from 0.
 *
 * Source: fastai/callback/progress.py, fastprogress.
 */
export const fastai: Format = {
  from: "stdout",
  firstStep: 0,
  create: () => {
    const table = createTableReader("epoch");
    return {
      read: (line) => {
        const row = table.read(line);
        return row === undefined ? [] : [{ kind: "report", ...row }];
      },
      end: () => [],
    };
  },
};
