import { createReadStream } from "node:fs";
import { loadStudy, type StudyPlan } from "../../config/load-study.js";
import { defaultParams } from "../../core/candidates/defaults-first.js";
import { trialSeed } from "../../core/course/new-trial.js";
import { completeParams } from "../../core/draw/sample-params.js";
import { CurvewiseError, isCurvewiseError, messageOf } from "../../core/errors.js";
import type { Metrics } from "../../core/events.js";
import type { Failure } from "../../core/failure.js";
import { goalsOf } from "../../core/goals/trial-result.js";
import { encodeNumber, type Json } from "../../core/json.js";
import { nameHint } from "../../core/nearest.js";
import type { Params, Space } from "../../core/param.js";
import type { Scheduler } from "../../core/scheduler.js";
import type { ProgramDefinition, StudyDefinition } from "../../core/study-definition.js";
import type { TransferRequest } from "../../core/transfer-request.js";
import { createAlgorithms } from "../../engine/create-algorithms.js";
import { readTables } from "../../engine/find-earlier.js";
import { checkOrder, checkReport } from "../../engine/report-check.js";
import { budgetJson, goalJson } from "../../engine/study-json.js";
import {
  checkMetricReading,
  commandOf,
  programChecks,
  readRecorded,
  resolveProgram,
  shellWords,
} from "../../launchers/index.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { spaceText } from "../../views/space-text.js";
import { commandMissing } from "../command-missing.js";
import { print, printJson, styledError, tell } from "../output.js";
import { factsText, tableText } from "../table.js";
import { escapedJson, withoutControls } from "../unseen.js";
import { budgetText, counted, goalText, numberText, paramsText } from "../wording.js";

/** Options of `curvewise check`. */
export interface CheckOptions {
  readonly output?: string;
  readonly json?: boolean;
}

/** How many notes about a log are shown. */
const MOST_NOTES = 5;
/** How many of a log's lines are shown if nothing was found in them, and how much of each. */
const SHOWN_LINES = 5;
const SHOWN_LENGTH = 120;

/** A report that would be recorded. */
interface Report {
  readonly step: number;
  readonly metrics: Metrics;
}

/** What a log holds. */
interface Found {
  readonly reports: readonly Report[];
  /** What was found but would not be recorded, and how often. */
  readonly notes: ReadonlyMap<string, number>;
  readonly firstLines: readonly string[];
}

async function* bytesOf(log: string): AsyncGenerator<Uint8Array> {
  const stream: AsyncIterable<unknown> = log === "-" ? process.stdin : createReadStream(log);
  try {
    for await (const chunk of stream) {
      if (chunk instanceof Uint8Array) yield chunk;
      else if (typeof chunk === "string") yield Buffer.from(chunk);
    }
  } catch (cause) {
    throw new CurvewiseError("LOG_UNREADABLE", `${log} cannot be read: ${messageOf(cause)}`, {
      hint: "Give a file that holds what the program printed, or - for standard input.",
      cause,
    });
  }
}

const noteText = ({ message, hint }: Failure): string =>
  hint === undefined ? message : `${message}. ${hint}`;

async function readLog(program: ProgramDefinition, log: string): Promise<Found> {
  const reports: Report[] = [];
  const notes = new Map<string, number>();
  const firstLines: string[] = [];
  const note = (text: string): void => {
    notes.set(text, (notes.get(text) ?? 0) + 1);
  };
  const onLine = (text: string): void => {
    if (firstLines.length < SHOWN_LINES) firstLines.push(text.slice(0, SHOWN_LENGTH));
  };
  for await (const finding of readRecorded(program, bytesOf(log), onLine)) {
    if (finding.kind === "note") {
      note(noteText(finding.note));
      continue;
    }
    const { step, metrics } = finding;
    try {
      checkReport(step, metrics);
      checkOrder(step, reports.at(-1)?.step ?? 0);
      reports.push({ step, metrics });
    } catch (error) {
      if (!isCurvewiseError(error)) throw error;
      const { code, message, hint } = error;
      note(noteText(hint === undefined ? { code, message } : { code, message, hint }));
    }
  }
  return { reports, notes, firstLines };
}

function tellNotes(notes: ReadonlyMap<string, number>): void {
  for (const [text, times] of [...notes].slice(0, MOST_NOTES)) {
    tell(`${styledError("yellow", "note")}: ${text}${times === 1 ? "" : ` (${times} times)`}`);
  }
  if (notes.size > MOST_NOTES) tell(`... and ${counted(notes.size - MOST_NOTES, "other note")}`);
}

/** For those whose program knows nothing of Curvewise. */
const DESCRIBE_LINES =
  "Print such lines, or describe the program's own by `metrics: { pattern: ... }`, see docs/program-output.md. ";

/** What was looked for, for those who found nothing. */
function wantedText({ metrics }: ProgramDefinition): string {
  switch (metrics.kind) {
    case "lines":
      return 'lines such as curvewise {"step": 3, "loss": 0.31}, since the study file has no `metrics`';
    case "format":
      return `lines as ${metrics.format} prints them`;
    case "pairs":
      return `metrics.pairs: a step by ${metrics.step}, then ${metrics.names.join(", ")}`;
    case "pattern":
      return `metrics.pattern: ${metrics.pattern}`;
    case "patterns":
      return `metrics.patterns: ${metrics.patterns.join(" and ")}`;
    case "file":
      return `rows of ${metrics.format}`;
  }
}

function reportTable(reports: readonly Report[]): string {
  const names = [...new Set(reports.flatMap(({ metrics }) => Object.keys(metrics)))];
  const columns = ["step", ...names].map((title) => ({ title, align: "right" as const }));
  const rows = reports.map(({ step, metrics }) => [
    String(step),
    ...names.map((name) => (Object.hasOwn(metrics, name) ? numberText(metrics[name]) : "")),
  ]);
  return tableText(columns, rows);
}

const reportJson = ({ step, metrics }: Report): Json => ({
  step,
  metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, encodeNumber(value)])),
});

async function checkLog({ definition }: StudyPlan, log: string, json: boolean): Promise<void> {
  const { program, goal } = definition;
  if (program === undefined) throw commandMissing();
  const { reports, notes, firstLines } = await readLog(program, log);
  if (json) for (const report of reports) print(escapedJson(JSON.stringify(reportJson(report))));
  else if (reports.length > 0) print(reportTable(reports));
  tellNotes(notes);
  const shown = firstLines.map((line) => `  ${line}`).join("\n");
  if (reports.length === 0) {
    throw new CurvewiseError(
      "NOTHING_READ",
      `no report was found in ${log === "-" ? "standard input" : log}`,
      {
        hint:
          firstLines.length === 0
            ? "It is empty."
            : `Looked for ${wantedText(program)}. ${program.metrics.kind === "lines" ? DESCRIBE_LINES : ""}Its first lines are:\n${shown}`,
        kind: "failure",
      },
    );
  }
  const names = [...new Set(reports.flatMap(({ metrics }) => Object.keys(metrics)))];
  const missing = goalsOf(goal).find(({ metric }) => !names.includes(metric))?.metric;
  if (missing !== undefined) {
    throw new CurvewiseError("METRIC_MISSING", `no report has the goal's metric "${missing}"`, {
      hint: nameHint(missing, names),
      kind: "failure",
    });
  }
}

const spacesText = (space: Space): string =>
  Object.entries(space)
    .map(
      ([name, param]) =>
        `${name}: ${withoutControls(spaceText(param))}${param.when === undefined ? "" : " (at times)"}`,
    )
    .join(", ");

function choiceText({ name, options }: StudyPlan["definition"]["sampler"]): string {
  const given = Object.entries(options).map(([option, value]) => `${option} ${JSON.stringify(value)}`);
  return given.length === 0 ? name : `${name} (${given.join(", ")})`;
}

const transferText = ({ from, first }: TransferRequest): string =>
  `${from === "auto" ? "all earlier studies that fit" : from.join(", ")}${first === undefined ? "" : `; ${counted(first, "trial")} with the best params`}`;

/** What a first trial may have: the first params that are enqueued, or the defaults; the others are drawn at random. */
function exampleParams({ definition, space, enqueue: [first] }: StudyPlan): Params {
  const random = createRandom(definition.seed, 0, PURPOSE.params);
  const defaults = first === undefined ? defaultParams(space, random) : undefined;
  return defaults ?? completeParams(space, first ?? {}, random);
}

/** What a scheduler is going to do, as far as it knows before any start was timed. */
const planOf = ({ plan }: Scheduler, { countStarts }: StudyDefinition): string | undefined =>
  plan === undefined || countStarts !== true
    ? plan
    : `${plan}; nothing pauses before it has trained a quarter of the time that a start takes (countStarts)`;

async function checkPlan(plan: StudyPlan, json: boolean): Promise<void> {
  const { definition } = plan;
  const { program, goal, sampler, scheduler, budget, maxSteps, seed } = definition;
  const algorithms = createAlgorithms(plan);
  const tables = await readTables(plan);
  if (plan.launcher.kind === "local" && program !== undefined) resolveProgram(program);
  const params = exampleParams(plan);
  const attempt = {
    trial: 0,
    seed: trialSeed(seed, 0),
    maxSteps,
    folder: "trial-0",
    resume: undefined,
  };
  const command = program && commandOf(program, params, attempt);
  const schedulerPlan = planOf(algorithms.scheduler, definition);
  if (json) {
    printJson({
      study: definition.name,
      goal: goalJson(goal),
      command: command ?? null,
      params,
      space: JSON.parse(JSON.stringify(definition.space)),
      sampler: { name: sampler.name, options: sampler.options, plan: algorithms.sampler.plan ?? null },
      scheduler: { name: scheduler.name, options: scheduler.options, plan: schedulerPlan ?? null },
      maxSteps: maxSteps ?? null,
      budget: budgetJson(budget),
      metrics: program === undefined ? null : { ...program.metrics },
    });
    return;
  }
  print(
    factsText([
      ["study", definition.name],
      ["goal", goalText(goal)],
      ["command", command === undefined ? "none: workers of your own train" : shellWords(command)],
      ...(program === undefined ? [] : [["folder", program.folder] as const]),
      ["params", paramsText(params)],
      ["space", spacesText(definition.space)],
      ["sampler", choiceText(sampler)],
      ...(algorithms.sampler.plan === undefined ? [] : [["", `takes ${algorithms.sampler.plan}`] as const]),
      ["scheduler", choiceText(scheduler)],
      ...(schedulerPlan === undefined ? [] : [["", schedulerPlan] as const]),
      ...(plan.transfer === undefined ? [] : [["transfer", transferText(plan.transfer)] as const]),
      ["steps", maxSteps === undefined ? "until the program ends" : String(maxSteps)],
      ["budget", budgetText(definition)],
    ]),
  );
  for (const note of tables.flatMap(({ notes }) => notes)) tell(`${styledError("yellow", "note")}: ${note}`);
}

/**
 * Checks a study file; with `--output`, shows what is read from a log.
 *
 * @throws CurvewiseError what is wrong with the study file, or with what its algorithms need of it (such as
 *   `MAX_STEPS_MISSING`) or of the tables that it names (`TABLE_NOT_FOUND`); `LOG_UNREADABLE`; `NOTHING_READ`, `METRIC_MISSING`
 */
export async function check(file: string, options: CheckOptions): Promise<void> {
  const plan = await loadStudy(file, programChecks);
  const { program } = plan.definition;
  if (program !== undefined) checkMetricReading(program.metrics);
  const json = options.json === true;
  if (options.output === undefined) await checkPlan(plan, json);
  else await checkLog(plan, options.output, json);
}
