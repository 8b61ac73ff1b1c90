import { Document, isMap, isSeq, visit } from "yaml";
import { bestTrial } from "../../core/best-trial.js";
import { CurvewiseError } from "../../core/errors.js";
import { type FoundSchedule, foundSchedule } from "../../core/found-schedule.js";
import { countCopies, historyOf } from "../../core/lineage.js";
import { nameHint } from "../../core/nearest.js";
import type { Study } from "../../core/study.js";
import { trialNumber, withStudy } from "../database.js";
import { outputText } from "../line-output.js";
import { tell } from "../output.js";
import { counted, numberText } from "../wording.js";

/** Options of `curvewise schedule`. */
export interface ScheduleOptions {
  readonly storage: string;
  readonly trial?: string;
  readonly param?: string;
  readonly format: "yaml" | "json";
  readonly output?: string;
}

function chosenTrial(study: Study, text: string | undefined): number {
  if (text !== undefined) return trialNumber(text, study);
  const best = bestTrial(study);
  if (best !== undefined) return best.trial.number;
  const { name, goal } = study.definition;
  throw new CurvewiseError(
    "NO_VALUE_YET",
    `no trial of study "${name}" has a finite value of ${goal.metric}`,
    {
      hint: "`curvewise trials` shows what happened to them; --trial also takes one without a value.",
      kind: "failure",
    },
  );
}

/** YAML with one line per entry in lists of changes, however long it is. */
function yamlText(value: unknown, comment: string | undefined): string {
  const document = new Document(value);
  if (comment !== undefined) document.commentBefore = comment;
  visit(document, {
    Map: (_key, node, path) => {
      if (isSeq(path.at(-1)) || node.items.length === 0) node.flow = true;
    },
    Pair: (_key, { key, value: inner }) => {
      if (String(key) === "goal" && isMap(inner)) inner.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function commentOf(study: Study, { trial, value, steps, goal, schedules, switches }: FoundSchedule): string {
  const trainers = new Set(historyOf(study, trial).map((stage) => stage.trial));
  const by = trainers.size < 2 ? "" : `, by trials ${[...trainers].join(", ")}`;
  const result = value === null ? "" : `: ${goal.metric} ${numberText(value)}`;
  const changing = Object.keys({ ...schedules, ...switches });
  return [
    ` How the model of trial ${trial} of study ${study.definition.name} was trained in ${counted(steps, "step")}${by}${result}.`,
    changing.length === 0
      ? " No param changed."
      : " `from` is the number of steps done when a value takes effect.",
  ].join("\n");
}

/** What to write: the whole file, or the schedule of one param. */
function contentOf(study: Study, found: FoundSchedule, param: string | undefined): unknown {
  if (param === undefined) return found;
  const { params, schedules, switches } = found;
  const known = Object.keys(study.definition.space);
  if (!known.includes(param)) {
    throw new CurvewiseError("PARAM_UNKNOWN", `study "${study.definition.name}" has no param "${param}"`, {
      hint: nameHint(param, known),
    });
  }
  const schedule = Object.hasOwn(schedules, param) ? schedules[param] : undefined;
  if (schedule !== undefined) return schedule;
  const value = Object.hasOwn(params, param) ? params[param] : undefined;
  if (typeof value === "number" && value >= 0) return { constant: { rate: value }, unit: "step" };
  const why = Object.hasOwn(switches, param)
    ? "changes between values that are not all numbers"
    : "is not a number";
  throw new CurvewiseError("NO_SCHEDULE", `param "${param}" ${why} of at least zero`, {
    hint: "Leave --param out: the whole file includes such params too.",
  });
}

/** Writes how a trial's model was trained. @throws CurvewiseError `NO_VALUE_YET`, `PARAM_UNKNOWN`, `NO_SCHEDULE` */
export async function schedule(name: string | undefined, options: ScheduleOptions): Promise<void> {
  await withStudy(options.storage, name, async ({ study }) => {
    const found = foundSchedule(study, chosenTrial(study, options.trial));
    const content = contentOf(study, found, options.param);
    const comment = commentOf(study, found);
    const text =
      options.format === "json" ? `${JSON.stringify(content, undefined, 2)}\n` : yamlText(content, comment);
    if (options.output === undefined) process.stdout.write(text);
    else {
      await outputText(text, options.output);
      tell(`The schedule of trial ${found.trial} is in ${options.output}`);
    }
    if (countCopies(study) === 0) {
      tell(
        "No trial of this study went on with another trial's model: every trial had the same params throughout.",
      );
    } else if (found.steps > 0 && Object.keys({ ...found.schedules, ...found.switches }).length === 0) {
      tell(`Trial ${found.trial} had the same params throughout.`);
    }
    if (found.steps === 0) tell(`Trial ${found.trial} has not been trained yet: these are its params.`);
  });
}
