import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { Document, isMap, isSeq, visit } from "yaml";
import { bestTrial } from "../../core/best-trial.js";
import { CurvewiseError } from "../../core/errors.js";
import { type FoundSchedule, foundSchedule } from "../../core/found-schedule.js";
import { countCopies, historyOf } from "../../core/lineage.js";
import { nameHint } from "../../core/nearest.js";
import type { Study } from "../../core/study.js";
import { addStorageOption, trialNumber, withStudy } from "../database.js";
import { outputFailed } from "../line-output.js";
import { tell } from "../output.js";
import { counted, numberText } from "../wording.js";

interface ScheduleOptions {
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
      hint: "`curvewise trials` shows what became of them; --trial takes one without a value too.",
      kind: "failure",
    },
  );
}

/** Lists of changes an entry a line, whatever their length; all else as YAML has it. */
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
      : " `from` counts the steps that are done when a value begins to hold.",
  ].join("\n");
}

/** What is written: the whole file, or the schedule of one param alone. */
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
  const why = Object.hasOwn(switches, param) ? "changes between values that are" : "is";
  throw new CurvewiseError("NO_SCHEDULE", `param "${param}" ${why} no number of at least zero`, {
    hint: "Leave --param out: the whole file has such params as well.",
  });
}

async function schedule(name: string | undefined, options: ScheduleOptions): Promise<void> {
  await withStudy(options.storage, name, async ({ study }) => {
    const found = foundSchedule(study, chosenTrial(study, options.trial));
    const content = contentOf(study, found, options.param);
    const comment = commentOf(study, found);
    const text =
      options.format === "json" ? `${JSON.stringify(content, undefined, 2)}\n` : yamlText(content, comment);
    if (options.output === undefined) process.stdout.write(text);
    else {
      try {
        await writeFile(options.output, text);
      } catch (cause) {
        throw outputFailed(options.output, cause);
      }
      tell(`The schedule of trial ${found.trial} is in ${options.output}`);
    }
    if (countCopies(study) === 0) {
      tell(
        "No trial of this study went on with another one's model: every trial had the same params throughout.",
      );
    } else if (found.steps > 0 && Object.keys({ ...found.schedules, ...found.switches }).length === 0) {
      tell(`Trial ${found.trial} had the same params throughout.`);
    }
    if (found.steps === 0)
      tell(`Trial ${found.trial} has trained nothing yet: these are the params that it has.`);
  });
}

/** `curvewise schedule [study]` */
export function addScheduleCommand(program: Command): void {
  addStorageOption(program.command("schedule"))
    .argument("[study]", "the study's name; may be left out when there is one only")
    .option("--trial <n>", "the trial whose model's training is wanted (default: the best one)")
    .option("--param <name>", "the schedule of this param alone")
    .addOption(new Option("--format <format>", "yaml or json").choices(["yaml", "json"]).default("yaml"))
    .option("-o, --output <file>", "write to a file (replaced if it exists) rather than to standard output")
    .summary("write the schedule that a population found")
    .description(
      "Writes how the best trial's model was trained, from step 0 on and through all trials that it was copied from: which params were the same throughout, and from which step on the others had which value. A training that follows it from the beginning can be expected to come to the same, within what the seed makes of it.",
    )
    .addHelpText(
      "after",
      `
The file, in YAML or JSON alike:
  params:      params that were the same throughout, by name
  schedules:   numbers that changed: {NAME: {piecewise: {changes: [{from, rate}, ..]}, unit: step}}
  switches:    other params that changed: {NAME: [{from, value}, ..]}; null: the param is off
  study, trial, goal, value, steps: where it is from, what the goal metric came to, and after how many steps
\`from\` is the number of steps that are done when a value begins to hold: 0 for the first step. \`curvewise schema schedule\`
prints the JSON Schema; in TypeScript, parseScheduleFile and paramsAt of curvewise/schedules read it.

With --param, only that param's schedule is written, as it may stand wherever a schedule may: {piecewise: .., unit: step},
or {constant: .., unit: step}.

Examples:
  curvewise schedule mnist-pbt -o schedule.yaml
  curvewise schedule mnist-pbt --trial 7 --format json | jq '.schedules.lr.piecewise.changes'
  curvewise schedule mnist-pbt --param lr > lr.yaml`,
    )
    .action(schedule);
}
