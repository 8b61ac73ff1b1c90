import { createGatherer, type Finding, shownText } from "../findings.js";
import { type Format, numberIn, wordPairs } from "./format.js";

/** `Epoch 1:  25%|##  | 1/4 [00:00<00:00, 3.2it/s, loss=4.000]` */
const BAR = /^(.*?):?\s*\d+%\|[^|]*\|\s*(\d+)\/\d+ \[([^\]]*)\]?/;

/**
 * Bars of tqdm with metrics behind them (`set_postfix`). The step is the first number of the text before a bar, as in
 * `Epoch 1:`; without a number there, how far the bar is. What a bar says last counts, so a report is passed on when the
 * next step begins. The study's `firstStep` applies.
 *
 * Source: tqdm/std.py (`format_meter`).
 */
export const tqdm: Format = {
  from: "both",
  create: () => {
    const gatherer = createGatherer();
    const read = (line: string): Finding[] => {
      const [, text = "", done, postfix] = BAR.exec(shownText(line)) ?? [];
      const named = numberIn(/\d+/.exec(text)?.[0]);
      const step = named ?? numberIn(done);
      // A bar that is a study's steps itself has done none at first.
      if (step === undefined || (named === undefined && step === 0)) return [];
      const pairs = wordPairs(postfix ?? "");
      // A bar without metrics may be of anything.
      if (pairs.length === 0) return [];
      const findings = gatherer.begin(step);
      for (const [name, value] of pairs) gatherer.set(name, value);
      return findings;
    };
    return { read, end: gatherer.finish };
  },
};
