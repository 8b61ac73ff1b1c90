import { createGatherer, type Finding, shownText } from "../findings.js";
import { NUMBER } from "../metric-values.js";
import { BEFORE, type Format, numberIn } from "./format.js";
import { createTableReader } from "./tables.js";

const NETWORK = new RegExp(String.raw`${BEFORE}Iteration (\d+), loss = (${NUMBER})`);
const SCORE = new RegExp(String.raw`${BEFORE}Validation score: (${NUMBER})`);
const EPOCH = new RegExp(String.raw`${BEFORE}-- Epoch (\d+)\s*$`);
const LINEAR = new RegExp(String.raw`${BEFORE}Norm: ${NUMBER}, NNZs: `);
const PAIR = new RegExp(String.raw`^([A-Za-z].*?): (${NUMBER})$`);

/**
 * What estimators of scikit-learn print with `verbose=1`: the table of gradient boosting (`Train Loss`), the lines of
 * `MLPClassifier` and `MLPRegressor` (`loss`, and `Validation score` with `early_stopping`), and those of
 * `SGDClassifier` and `SGDRegressor` (`Avg. loss`, `Objective`, `Norm`, `NNZs`, `Bias`, `T`). All count from 1.
 *
 * Source: sklearn/ensemble/_gb.py, neural_network/_multilayer_perceptron.py, linear_model/_sgd_fast.pyx.tp.
 */
export const sklearn: Format = {
  from: "stdout",
  firstStep: 1,
  create: () => {
    const table = createTableReader("Iter");
    const gatherer = createGatherer();
    const read = (line: string): Finding[] => {
      const text = shownText(line);
      const row = table.read(text);
      if (row !== undefined) return [{ kind: "report", ...row }];
      const [, iteration, loss] = NETWORK.exec(text) ?? [];
      const step = numberIn(iteration ?? EPOCH.exec(text)?.[1]);
      if (step !== undefined) {
        const findings = gatherer.begin(step);
        gatherer.set("loss", numberIn(loss));
        return findings;
      }
      const score = numberIn(SCORE.exec(text)?.[1]);
      if (score !== undefined) {
        gatherer.set("Validation score", score);
        return gatherer.finish();
      }
      if (!LINEAR.test(text)) return [];
      for (const part of text.split(", ")) {
        const [, name = "", value] = PAIR.exec(part.trim()) ?? [];
        gatherer.set(name, numberIn(value));
      }
      return gatherer.finish();
    };
    return { read, end: gatherer.finish };
  },
};
