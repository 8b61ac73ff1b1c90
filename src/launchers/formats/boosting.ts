import { createGatherer, type Finding, type MetricReader, shownText } from "../findings.js";
import { NUMBER } from "../metric-values.js";
import { BEFORE, type Format, numberIn } from "./format.js";

const ROUND = new RegExp(String.raw`${BEFORE}\[(\d+)\]\s+(?=\S)(.*)$`);
/** Early stopping prints the best round once more, below such a line. */
const REPEATED = /best iteration(?: is)?:/i;

/** `validation-mlogloss:0.31`; of a cross-validation the mean, without the deviation after its `+`. */
const XGBOOST_PAIR = new RegExp(String.raw`([^\s:]\S*?):(${NUMBER})(?:\+${NUMBER})?(?=\s|$)`, "g");
/** `valid_1's multi_error: 0.31`, between tabs. */
const LIGHTGBM_PAIR = new RegExp(String.raw`^(\S.*?)\s*:\s*(${NUMBER})(?:\s\+\s${NUMBER})?\s*$`);
/** What LightGBM's own program prints: a line for each metric. */
const LIGHTGBM_LINE = new RegExp(String.raw`Iteration:\s*(\d+), (\S.*?)\s*:\s*(${NUMBER})\s*$`);

/**
 * Reads rounds, each on a line.
 *
 * @param stepOf the step of a round, which is what is printed unless said otherwise
 */
function roundReader(
  pairsOf: (text: string) => (readonly [string, number | undefined])[],
  otherwise: Pick<MetricReader, "read" | "end">,
  stepOf: (round: number) => number = (round) => round,
): MetricReader {
  const gatherer = createGatherer();
  let isRepeated = false;
  const read = (line: string): Finding[] => {
    const text = shownText(line);
    const [, round, rest = ""] = ROUND.exec(text) ?? [];
    const printed = numberIn(round);
    const skip = isRepeated;
    isRepeated = REPEATED.test(text);
    if (printed === undefined) return otherwise.read(text);
    if (skip) return [];
    gatherer.begin(stepOf(printed));
    for (const [name, value] of pairsOf(rest)) gatherer.set(name, value);
    return gatherer.finish();
  };
  return { read, end: otherwise.end };
}

/**
 * XGBoost's evaluations: `[12]\ttrain-mlogloss:0.05067\tvalidation-mlogloss:0.25043`. Rounds count from 0, so the first
 * one is step 1. A training that goes on from a model (`xgb_model`) prints `[0]` again for its first new round: those
 * that the model has are then added.
 *
 * Source: xgboost/python-package/xgboost/callback.py (`EvaluationMonitor`).
 */
export const xgboost: Format = {
  from: "both",
  firstStep: 0,
  create: ({ after }) => {
    let added: number | undefined;
    return roundReader(
      (text) => [...text.matchAll(XGBOOST_PAIR)].map(([, name = "", value]) => [name, numberIn(value)]),
      { read: () => [], end: () => [] },
      (round) => {
        added ??= round < after ? after : 0;
        return round + added;
      },
    );
  },
};

/**
 * LightGBM's evaluations: `[13]\ttraining's l2: 0.232\tvalid_1's l2: 0.419`, with `training's l2` and `valid_1's l2` as
 * the names of the metrics; also `Iteration:13, valid_1 l2 : 0.419`, as its own program prints. Rounds count from 1.
 *
 * Source: lightgbm/python-package/lightgbm/callback.py (`log_evaluation`), src/boosting/gbdt.cpp (`OutputMetric`).
 */
export const lightgbm: Format = {
  from: "both",
  firstStep: 1,
  create: () => {
    const gatherer = createGatherer();
    const read = (text: string): Finding[] => {
      const [, round, name = "", value] = LIGHTGBM_LINE.exec(text) ?? [];
      const step = numberIn(round);
      if (step === undefined) return [];
      const findings = gatherer.begin(step);
      gatherer.set(name, numberIn(value));
      return findings;
    };
    return roundReader(
      (text) =>
        text.split("\t").map((part) => {
          const [, name = "", value] = LIGHTGBM_PAIR.exec(part.trim()) ?? [];
          return [name, numberIn(value)];
        }),
      { read, end: gatherer.finish },
    );
  },
};
