import { createGatherer, type Finding, shownText } from "../findings.js";
import { NUMBER } from "../metric-values.js";
import { type Format, numberIn } from "./format.js";

const ITERATION = new RegExp(
  String.raw`\bIteration (\d+)(?: \([^)]*\))?, (?:Testing net|loss = (${NUMBER}))`,
);
const OUTPUT = new RegExp(String.raw`\b(Test|Train) net output #\d+: (\S+) = (${NUMBER})`);

/**
 * Caffe's log on standard error: `Iteration 500, Testing net (#0)`, then `Test net output #0: accuracy = 0.9724`. Outputs
 * of the test net keep their names, those of the training net are `train loss` and so on. Steps are the iterations as
 * printed; iteration 0, before any training, is not one.
 *
 * Source: caffe/src/caffe/solver.cpp.
 */
export const caffe: Format = {
  from: "both",
  firstStep: 1,
  create: () => {
    const gatherer = createGatherer();
    const trained = (findings: readonly Finding[]): Finding[] =>
      findings.filter((finding) => finding.kind !== "report" || finding.step > 0);
    const read = (line: string): Finding[] => {
      const text = shownText(line);
      const [, iteration, loss] = ITERATION.exec(text) ?? [];
      const step = numberIn(iteration);
      if (step !== undefined) {
        const findings = trained(gatherer.begin(step));
        gatherer.set("train loss", numberIn(loss));
        return findings;
      }
      const [, net, name = "", value] = OUTPUT.exec(text) ?? [];
      if (net !== undefined) gatherer.set(net === "Test" ? name : `train ${name}`, numberIn(value));
      return [];
    };
    return { read, end: () => trained(gatherer.finish()) };
  },
};
