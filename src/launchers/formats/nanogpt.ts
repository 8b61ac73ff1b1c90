import { shownText } from "../findings.js";
import { NUMBER } from "../metric-values.js";
import { BEFORE, type Format, numberIn } from "./format.js";

const EVALUATION = new RegExp(String.raw`${BEFORE}step (\d+): (.*)$`);
const PAIR = new RegExp(String.raw`^([A-Za-z].*?)\s+(${NUMBER})$`);

/**
 * nanoGPT's evaluations: `step 250: train loss 1.9662, val loss 2.0684`, with the metrics `train loss` and `val loss`.
 * Steps are the iterations as printed; step 0, before any training, is not one. The lines `iter 250: loss 2.0234` between
 * them, the loss of single batches, are left out.
 *
 * Source: karpathy/nanoGPT, train.py.
 */
export const nanogpt: Format = {
  from: "stdout",
  firstStep: 1,
  create: () => ({
    read: (line) => {
      const [, iteration, rest = ""] = EVALUATION.exec(shownText(line)) ?? [];
      const step = numberIn(iteration);
      if (step === undefined || step === 0) return [];
      const metrics: Record<string, number> = {};
      for (const part of rest.split(/,\s+/)) {
        const [, name = "", value] = PAIR.exec(part.trim()) ?? [];
        const number = numberIn(value);
        if (number !== undefined) metrics[name] = number;
      }
      return Object.keys(metrics).length === 0 ? [] : [{ kind: "report", step, metrics }];
    },
    end: () => [],
  }),
};
