import { CurvewiseError } from "../../core/errors.js";
import type { MetricGoal } from "../../core/goal.js";
import { type FrontMember, frontOf } from "../../core/goals/front.js";
import { constraintText } from "../../core/goals/metric-constraint.js";
import { encodeNumber } from "../../core/json.js";
import type { Study } from "../../core/study.js";
import { lastStep } from "../../core/trial.js";
import { trialJson } from "../../engine/study-json.js";
import { print, printJson, tell } from "../output.js";
import { type Column, tableText } from "../table.js";
import { counted, numberText, valueText } from "../wording.js";

/** The members with the most room around them, and the knee, in the order of the front. */
function spreadOut(front: readonly FrontMember[], most: number): readonly FrontMember[] {
  if (front.length <= most) return front;
  const chosen = new Set(
    front
      .toSorted((a, b) => Number(b.isKnee) - Number(a.isKnee) || (a.crowding < b.crowding ? 1 : -1))
      .slice(0, most),
  );
  return front.filter((member) => chosen.has(member));
}

function frontText(study: Study, goals: readonly MetricGoal[], members: readonly FrontMember[]): string {
  const { space } = study.definition;
  const params = Object.keys(space).filter((name) => space[name]?.kind !== "fixed");
  const columns: Column[] = [
    { title: "trial", align: "right" },
    ...goals.map(({ metric }): Column => ({ title: metric, align: "right" })),
    { title: "adds", align: "right" },
    { title: "" },
    { title: "state" },
    { title: "step", align: "right" },
    ...params.map((title): Column => ({ title, align: "right" })),
  ];
  const rows = members.map(({ trial, values, adds, isKnee }) => [
    String(trial.number),
    ...values.map(numberText),
    `${Math.round(adds * 100)} %`,
    isKnee ? "knee" : "",
    trial.state,
    String(lastStep(trial)),
    ...params.map((name) => {
      const value = trial.params[name];
      return value === undefined ? "-" : valueText(value);
    }),
  ]);
  return tableText(columns, rows);
}

const brokenText = ({ definition }: Study): string =>
  (definition.goal.constraints ?? []).map(constraintText).join(" and ");

/** That trials were left out because they broke constraints on metrics. */
const infeasibleText = (study: Study, count: number): string =>
  `${counted(count, "trial")} left out: ${count === 1 ? "it does" : "they do"} not obey ${brokenText(study)}.`;

const infeasibleError = (study: Study, count: number): CurvewiseError =>
  new CurvewiseError(
    "NO_VALUE_YET",
    `no trial of study "${study.definition.name}" obeys ${brokenText(study)}; ${counted(count, "trial")} did not`,
    { hint: "`curvewise trials` shows how far they are from it.", kind: "failure" },
  );

/**
 * Shows the trials that no other one beats in every one of several metrics.
 *
 * @throws CurvewiseError `GOALS_INVALID`; `NO_VALUE_YET`
 */
export function showFront(
  study: Study,
  goals: readonly MetricGoal[],
  { json = false, top }: { readonly json?: boolean; readonly top?: number },
): void {
  const { name } = study.definition;
  const front = frontOf(study, goals);
  const members = spreadOut(front.members, top ?? front.members.length);
  if (json) {
    printJson({
      study: name,
      goals: goals.map((goal) => ({ ...goal })),
      trials: front.compared,
      infeasible: front.infeasible,
      hypervolume: front.hypervolume,
      front: members.map(({ trial, values, adds, isKnee }) => ({
        values: Object.fromEntries(
          goals.map(({ metric }, place) => [metric, encodeNumber(values[place] ?? Number.NaN)]),
        ),
        adds,
        knee: isKnee,
        ...trialJson(study, trial),
      })),
    });
    if (front.members.length === 0) process.exitCode = 1;
    return;
  }
  if (front.members.length === 0) {
    if (front.infeasible > 0) throw infeasibleError(study, front.infeasible);
    throw new CurvewiseError(
      "NO_VALUE_YET",
      `no trial of study "${name}" has a finite value of ${goals.map(({ metric }) => metric).join(" and of ")}`,
      { hint: "`curvewise trials` shows what happened to them.", kind: "failure" },
    );
  }
  print(frontText(study, goals, members));
  const { length } = front.members;
  const shown = members.length < length ? `, the ${members.length} most spread out of which are shown` : "";
  tell(
    `No other of ${counted(front.compared, "trial")} is better in every metric than ${length === 1 ? "this one" : `these ${length}`}${shown}.`,
  );
  if (front.infeasible > 0) tell(infeasibleText(study, front.infeasible));
  if (!front.complete) tell("No trial is complete yet: these are the best of the unfinished ones.");
}
