import { createGatherer, type Finding, shownText } from "../findings.js";
import { NUMBER } from "../metric-values.js";
import { type Format, numberIn } from "./format.js";

const RECORD = /\{\s*(['"].*)\}/;
const ENTRY = new RegExp(String.raw`(['"])((?:(?!\1).)+)\1\s*:\s*['"]?(${NUMBER})['"]?\s*(?=[,}]|$)`, "g");
/** Parts of epochs are printed with two decimals or more, so they may be this much too large. */
const ROUNDING = 0.006;

/**
 * The records that the Trainer of Hugging Face prints: `{'eval_loss': 0.6012, 'eval_accuracy': 0.71, 'epoch': 1.0}`, and
 * those of its training (`{'loss': 0.6871, 'epoch': 0.5}`).
 *
 * Without `every`, each evaluation (a record with an `eval_` metric) is a step, and what was printed of the training
 * since the last one belongs to it. With `every`, a part of an epoch, step n is what was printed in the n-th of these
 * parts; its report is passed on when the next one begins, so trainings without evaluations can be read as well.
 *
 * Source: transformers/src/transformers/trainer_callback.py.
 */
export const huggingface: Format = {
  from: "stdout",
  firstStep: 1,
  create: ({ after, every }) => {
    const gatherer = createGatherer();
    let evaluations = after;
    const read = (line: string): Finding[] => {
      const [, record = ""] = RECORD.exec(shownText(line)) ?? [];
      const entries = [...record.matchAll(ENTRY)].map(
        ([, , name = "", value]): readonly [string, number | undefined] => [name, numberIn(value)],
      );
      const epoch = entries.find(([name]) => name === "epoch")?.[1];
      // The summary at the end has the time that it all took.
      if (epoch === undefined || entries.some(([name]) => name === "train_runtime")) return [];
      const step =
        every === undefined ? evaluations + 1 : Math.ceil((epoch - Math.min(ROUNDING, every / 4)) / every);
      if (step < 1) return [];
      const findings = gatherer.begin(step);
      for (const [name, value] of entries) gatherer.set(name, value);
      if (every !== undefined || !entries.some(([name]) => name.startsWith("eval_"))) return findings;
      evaluations += 1;
      return [...findings, ...gatherer.finish()];
    };
    // Without an evaluation, what was printed of a training is not a step.
    return { read, end: () => (every === undefined ? [] : gatherer.finish()) };
  },
};
