import { bestTrial } from "../core/best-trial.js";
import { progressOf, type Reached } from "../plots/index.js";
import type { StudyRow } from "./contract.js";
import { finite, studyState, type ViewedStudy } from "./viewed-study.js";
import { goalText } from "./wording.js";

/** A sparkline has at most so many points. */
const SPARK_POINTS = 32;

/** The best value at evenly spaced numbers of steps, from the first report to the last. */
function sparkOf(line: readonly Reached[], spent: number): number[] {
  const [first] = line;
  if (first === undefined) return [];
  const values: number[] = [];
  let place = 0;
  for (let point = 0; point < SPARK_POINTS; point++) {
    const steps = first.spent + ((spent - first.spent) * point) / (SPARK_POINTS - 1);
    while ((line[place + 1]?.spent ?? Number.POSITIVE_INFINITY) <= steps) place += 1;
    values.push(line[place]?.value ?? first.value);
  }
  return values;
}

/** One row of the list of studies. */
export function studyRow(viewed: ViewedStudy): StudyRow {
  const { study, log } = viewed;
  const { definition } = study;
  const { observed, spent } = progressOf({ study, reports: log.reports });
  return {
    name: definition.name,
    state: studyState(viewed),
    goal: goalText(definition.goal),
    best: finite(bestTrial(study)?.value),
    trials: study.trials.length,
    steps: study.totalSteps,
    sampler: definition.sampler.name,
    scheduler: definition.scheduler.name,
    updatedAt: study.updatedAt,
    spark: sparkOf(observed, spent),
    tags: study.tags,
  };
}
