import { type RankedTrial, rankTrials } from "../../core/best-trial.js";
import { CurvewiseError } from "../../core/errors.js";
import { namedGoals } from "../../core/goals/front.js";
import { constraintText } from "../../core/goals/metric-constraint.js";
import { goalsOf } from "../../core/goals/trial-result.js";
import { historyOf } from "../../core/lineage.js";
import type { Study } from "../../core/study.js";
import { lastStep } from "../../core/trial.js";
import { withoutComplete } from "../../engine/read-study.js";
import { goalJson, trialJson } from "../../engine/study-json.js";
import { changesText, NO_CHANGES } from "../../plots/trial-text.js";
import { type OpenedStudy, withStudy } from "../database.js";
import type { ReadOptions } from "../options.js";
import { print, printJson, styled, tell } from "../output.js";
import { type Column, factsText, tableText } from "../table.js";
import { numberText, replicatesText, valueText } from "../wording.js";
import { showFront } from "./front.js";

/** Options of `curvewise best`. */
export interface BestOptions extends ReadOptions {
  readonly top?: number;
  readonly minimize?: readonly string[];
  readonly maximize?: readonly string[];
}

function oneText(study: Study, { trial, value }: RankedTrial): string {
  return factsText([
    ["trial", styled("bold", String(trial.number))],
    [study.definition.goal.metric, styled("bold", numberText(value))],
    ["state", `${trial.state} at step ${lastStep(trial)}`],
    ...(study.definition.replicates === undefined
      ? []
      : [["replicates", replicatesText(study, trial)] as const]),
    ...Object.entries(trial.params).map(([name, each]): [string, string] => [`  ${name}`, valueText(each)]),
  ]);
}

/** A note on a trial whose params changed during training; undefined if they did not. */
function historyNote(study: Study, { trial }: RankedTrial): string | undefined {
  const history = historyOf(study, trial.number);
  if (history.every(({ params }) => changesText(params, trial.params) === NO_CHANGES)) return undefined;
  const { name } = study.definition;
  return `These are its last params; earlier steps had others: curvewise schedule ${name} --trial ${trial.number}`;
}

function severalText(study: Study, ranked: readonly RankedTrial[]): string {
  const { goal, space } = study.definition;
  const params = Object.keys(space).filter((name) => space[name]?.kind !== "fixed");
  const columns: Column[] = [
    { title: "rank", align: "right" },
    { title: "trial", align: "right" },
    { title: goal.metric, align: "right" },
    { title: "state" },
    { title: "step", align: "right" },
    ...params.map((title): Column => ({ title, align: "right" })),
  ];
  return tableText(
    columns,
    ranked.map(({ trial, value }, index) => [
      String(index + 1),
      String(trial.number),
      numberText(value),
      trial.state,
      String(lastStep(trial)),
      ...params.map((name) => {
        const each = trial.params[name];
        return each === undefined ? "-" : valueText(each);
      }),
    ]),
  );
}

/** Shows the best trials. @throws CurvewiseError `NO_VALUE_YET`; `GOALS_INVALID` */
export async function showBest(name: string | undefined, options: BestOptions): Promise<void> {
  const { top = 1, minimize, maximize } = options;
  const goals = namedGoals(minimize, maximize);
  if (goals.length > 0) {
    await withStudy(options.storage, name, ({ study }) => showFront(study, goals, options));
    return;
  }
  const show = ({ study }: OpenedStudy): void => {
    if (study.definition.goal.others !== undefined) {
      showFront(study, goalsOf(study.definition.goal), options);
      return;
    }
    const ranked = rankTrials(study).slice(0, top);
    if (options.json === true) {
      printJson({
        study: study.definition.name,
        goal: goalJson(study.definition.goal),
        best: ranked.map(({ trial, complete }) => ({ complete, ...trialJson(study, trial) })),
      });
      if (ranked.length === 0) process.exitCode = 1;
      return;
    }
    const [first] = ranked;
    if (first === undefined) {
      throw new CurvewiseError(
        "NO_VALUE_YET",
        `no trial of study "${study.definition.name}" has a finite value of ${study.definition.goal.metric}`,
        { hint: "`curvewise trials` shows what happened to them.", kind: "failure" },
      );
    }
    print(top === 1 ? oneText(study, first) : severalText(study, ranked));
    const note = top === 1 ? historyNote(study, first) : undefined;
    if (note !== undefined) tell(note);
    if (first.violation > 0) {
      const { constraints = [] } = study.definition.goal;
      tell(`No trial obeys ${constraints.map(constraintText).join(" and ")}: these come closest.`);
    }
    if (!first.complete) tell("No trial is complete yet: these are the best of the unfinished ones.");
  };
  await withStudy(options.storage, name, show, top === 1 ? withoutComplete : undefined);
}
