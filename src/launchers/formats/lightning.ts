import { createGatherer, type Finding, shownText } from "../findings.js";
import { BEFORE, type Format, numberIn, wordPairs } from "./format.js";

const EPOCH = new RegExp(String.raw`${BEFORE}Epoch (\d+)(?:/\d+)?\b.*\d+/(?:\d+|\?)`);
/** The rest of a bar that is longer than the line. */
const CONTINUED = /^\s+[A-Za-z_][\w./@-]*\s*[:=]\s*\S+\s*$/;

/**
 * The progress bars of Lightning, Rich's and tqdm's: `Epoch 1/1 ━━━ 22/22 0:00:01 107.70it/s v_num: 0.000 val_loss:
 * 2.162`, also where Rich continues them on the lines below. Epochs count from 0. Where the output is not a terminal,
 * Rich prints only the last bar of a training: to follow one, read the file of the CSVLogger (`lightning-csv`).
 *
 * Source: lightning/pytorch/callbacks/progress.
 */
export const lightning: Format = {
  from: "both",
  firstStep: 0,
  create: () => {
    const gatherer = createGatherer();
    const read = (line: string): Finding[] => {
      const text = shownText(line);
      const epoch = numberIn(EPOCH.exec(text)?.[1]);
      if (epoch === undefined && !CONTINUED.test(text)) return [];
      const findings = epoch === undefined ? [] : gatherer.begin(epoch);
      for (const [name, value] of wordPairs(text)) {
        // The version of the logger's folder is not a metric.
        if (name !== "v_num") gatherer.set(name, value);
      }
      return findings;
    };
    return { read, end: gatherer.finish };
  },
};
