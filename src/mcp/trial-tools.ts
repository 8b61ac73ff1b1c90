import type { McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { CurvewiseError } from "../core/errors.js";
import type { Json } from "../core/json.js";
import { lastStep, secondsOf, type Trial } from "../core/trial.js";
import type { WatchedStudy } from "../dashboard/watched-study.js";
import type { TrialColumn, TrialTable, TrialView } from "../views/contract.js";
import { filterTrials } from "../views/filter-trials.js";
import { trialTable } from "../views/trial-table.js";
import { trialView } from "../views/trial-view.js";
import { finite } from "../views/viewed-study.js";
import { counted } from "../views/wording.js";
import type { Data, Portion } from "./portion.js";
import { hintOf, metricOf, trialOf } from "./studies.js";
import { inputOf, READS, replying, studyName, type ToolContext, trialNumber } from "./tool.js";
import { DATA_RULE, foreignTexts, named, shownParams, spoken, userText } from "./user-text.js";

/** Who proposed a trial: a sampler, or whoever asked for it. */
const proposerOf = ({ log }: WatchedStudy, { number, sampler }: Trial): string =>
  log.askedFor.get(number) ?? sampler;

/** The table of trials, and who proposed each. */
function fullTable(watched: WatchedStudy): TrialTable {
  const { events, trials, columns } = trialTable(watched.study);
  const cells = watched.study.trials.filter(() => true).map((trial) => proposerOf(watched, trial));
  return {
    events,
    trials,
    columns: columns.map((column) => {
      if (column.name === "sampler") return { name: "proposer", kind: "text", cells };
      if (column.kind === "text") return column;
      return { ...column, cells: column.cells.map((cell) => (typeof cell === "string" ? null : cell)) };
    }),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(6));

interface TrialsInput {
  readonly study?: string | undefined;
  readonly filter?: string | undefined;
  readonly sort?: string | undefined;
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly columns?: readonly string[] | undefined;
}

/** @throws CurvewiseError `COLUMN_UNKNOWN` */
function columnOf({ columns }: TrialTable, name: string): TrialColumn {
  const column = columns.find((each) => each.name === name);
  if (column !== undefined) return column;
  throw new CurvewiseError("COLUMN_UNKNOWN", `trials have no column "${name}"`, {
    hint: hintOf(
      name,
      columns.map((each) => each.name),
    ),
  });
}

type Cell = TrialColumn["cells"][number];

/** Numbers by size, texts by letters; what is missing comes last either way. */
function orderOf(a: Cell, b: Cell, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
}

const shownCell = (cell: Cell): Json => (typeof cell === "string" ? named(cell) : cell);

function addTrials(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "trials",
    {
      title: "Query trials",
      description: `A table of a study's trials: those for which an expression holds, in an order. Its columns are trial, state, value (of the goal), step, seconds, proposer (a sampler, or who asked for it), worker, every param, and the last value of every other metric. Missing values are null. ${DATA_RULE}`,
      inputSchema: inputOf({
        study: studyName,
        filter: z
          .string()
          .max(2000)
          .optional()
          .describe(
            'An expression over columns, such as `lr < 0.01 and state == "complete"`; with `or`, `not`, arithmetic and brackets.',
          ),
        sort: z.string().optional().describe("The column to sort by; by the trials' numbers if left out."),
        descending: z.boolean().default(false).describe("Whether the greatest come first."),
        limit: z.int().min(1).max(500).default(20).describe("How many trials."),
        offset: z.int().min(0).default(0).describe("How many to skip."),
        columns: z
          .array(z.string())
          .min(1)
          .max(200)
          .optional()
          .describe("The columns to show; all if left out."),
      }),
      annotations: READS,
    },
    replying(context, async (input: TrialsInput) => {
      const { study: name, filter, sort, descending, limit, offset, columns } = input;
      const watched = await context.studies.look(name);
      const { study } = watched;
      const table = fullTable(watched);
      const chosen = columns === undefined ? table.columns : columns.map((column) => columnOf(table, column));
      const found = new Set(
        filter === undefined || filter.trim() === "" ? table.trials : filterTrials(table, filter).trials,
      );
      const rows = table.trials.flatMap((trial, row) => (found.has(trial) ? [row] : []));
      if (sort !== undefined) {
        const { cells } = columnOf(table, sort);
        rows.sort((a, b) => orderOf(cells[a] ?? null, cells[b] ?? null, descending ? -1 : 1));
      } else if (descending) rows.reverse();
      const page = rows.slice(offset, offset + limit);
      return {
        says: `${rows.length} of ${counted(table.trials.length, "trial")} match; ${page.length} of them are here.`,
        data: ({ first }) => ({
          study: study.definition.name,
          matching: rows.length,
          offset,
          columns: chosen.map((column) => named(column.name)),
          rows: first(page, "trials of this page", "Name fewer `columns`, or go on with `offset`").map(
            (row) => chosen.map(({ cells }) => shownCell(cells[row] ?? null)),
          ),
        }),
      };
    }),
  );
}

interface CurveInput {
  readonly study?: string | undefined;
  readonly trials: readonly number[];
  readonly metric?: string | undefined;
  readonly points: number;
}

/** Places evenly spaced among so many, with both ends. */
function evenPlaces(length: number, most: number): number[] {
  const count = Math.min(length, most);
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, index) => Math.round((index * (length - 1)) / (count - 1)));
}

function curveData(trial: Trial, watched: WatchedStudy, metric: string, points: number): Data {
  const { number, state, curve } = trial;
  const column = curve.metrics.get(metric) ?? [];
  const known = curve.steps.flatMap((step, place) => {
    const value = column[place];
    return value === null || value === undefined ? [] : [{ step, value }];
  });
  const shown = evenPlaces(known.length, points).flatMap((place) => known[place] ?? []);
  return {
    trial: number,
    state,
    proposer: named(proposerOf(watched, trial)),
    reported: known.length,
    steps: shown.map(({ step }) => step),
    values: shown.map(({ value }) => (Number.isFinite(value) ? rounded(value) : null)),
  };
}

function addCurve(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "curve",
    {
      title: "Learning curves",
      description: `Learning curves of one or several trials: the values of a metric by step. Long curves are thinned to evenly spaced points with both ends; \`reported\` says how many points there are. A value that is not finite (the training diverged) is null. ${DATA_RULE}`,
      inputSchema: inputOf({
        study: studyName,
        trials: z.array(trialNumber).min(1).max(50).describe("The trials' numbers."),
        metric: z.string().optional().describe("The metric; the goal's if left out."),
        points: z.int().min(2).max(500).default(30).describe("The most points of a curve."),
      }),
      annotations: READS,
    },
    replying(context, async ({ study: name, trials: numbers, metric: wanted, points }: CurveInput) => {
      const watched = await context.studies.look(name);
      const { study } = watched;
      const metric = metricOf(study, wanted);
      const trials = [...new Set(numbers)].map((number) => trialOf(study, number));
      return {
        says: `${counted(trials.length, "learning curve")} of study ${study.definition.name}, at most ${counted(points, "point")} each.`,
        data: ({ first }) => ({
          study: study.definition.name,
          metric: named(metric),
          curves: first(trials, "curves", "Ask for fewer `points`, or for the others by themselves").map(
            (trial) => curveData(trial, watched, metric, points),
          ),
        }),
      };
    }),
  );
}

const moment = (milliseconds: number | undefined): string | null =>
  milliseconds === undefined ? null : new Date(milliseconds).toISOString();

const IN_TERMINAL = "`curvewise explain` shows the others";

type Speak = (sentence: string) => Json;

function decisionsData(view: TrialView, speak: Speak, portion: Portion): readonly Json[] {
  const shown = portion.last(view.decisions, "decisions", IN_TERMINAL);
  return shown.map(({ step, time, action, rule, reason, values, neighbours }) => ({
    step,
    time: moment(time),
    action,
    rule: named(rule),
    reason: speak(reason),
    numbers: values.map(({ label, text }) => ({ name: named(label), value: named(text) })),
    neighbours: portion
      .first(neighbours.slice(0, 20), "neighbours of a decision", IN_TERMINAL)
      .map(({ name, trial, distance, end, state }) => ({ name: named(name), trial, distance, end, state })),
  }));
}

function failuresData(view: TrialView, portion: Portion): readonly Json[] {
  const shown = portion.last(view.failures, "failures", IN_TERMINAL);
  return shown.map(({ code, message, hint, output }) => ({
    code: named(code),
    message: userText(message),
    ...(hint === null ? {} : { hint: userText(hint) }),
    output: portion.last(output.slice(-20), "lines of output", IN_TERMINAL).map((line) => userText(line)),
  }));
}

function explanation(watched: WatchedStudy, trial: Trial, view: TrialView, portion: Portion): Data {
  const { study } = watched;
  const foreign = foreignTexts(study);
  const isOurs = study.definition.scheduler.module === undefined;
  return {
    study: study.definition.name,
    trial: trial.number,
    state: trial.state,
    conclusion: spoken(view.conclusion, foreign),
    value: view.value,
    rank: view.rank,
    ranked: view.ranked,
    step: lastStep(trial),
    maxSteps: study.definition.maxSteps ?? null,
    params: shownParams(trial.params),
    proposer: named(proposerOf(watched, trial)),
    asked: moment(trial.askedAt),
    started: moment(trial.startedAt),
    ended: moment(trial.endedAt),
    seconds: finite(secondsOf(trial)),
    attempts: trial.attempt,
    worker: trial.worker === undefined ? null : named(trial.worker),
    // The words of a module are not Curvewise's.
    decisions: decisionsData(view, isOurs ? (each) => spoken(each, foreign) : userText, portion),
    failures: failuresData(view, portion),
    notes: portion.last(view.notes, "notes", IN_TERMINAL).map(({ time, code, message, hint }) => ({
      time: moment(time),
      code: named(code),
      text: userText(message),
      ...(hint === null ? {} : { hint: userText(hint) }),
    })),
    modelsTrainedBy: portion
      .last(view.history.length > 1 ? view.history : [], "parts of its history", IN_TERMINAL)
      .map(({ trial: number, fromStep, toStep }) => ({ trial: number, fromStep, toStep })),
  };
}

function addExplain(server: McpServer, context: ToolContext): void {
  server.registerTool(
    "explain",
    {
      title: "Explain a trial",
      description: `Explains why a trial went as it did: each decision of the scheduler about it in words and numbers, with the curves that it was compared with (\`distance\`, and where they \`end\`), its failures with what the program printed last, notes about it, and how it stands. ${DATA_RULE}`,
      inputSchema: inputOf({ study: studyName, trial: trialNumber }),
      annotations: READS,
    },
    replying(context, async (input: { readonly study?: string | undefined; readonly trial: number }) => {
      const watched = await context.studies.look(input.study);
      const { study } = watched;
      const trial = trialOf(study, input.trial);
      const events = await context.studies.events(study.definition.name, trial.number);
      const view = trialView(study, trial, { events, ranks: watched.ranks() });
      return {
        says: `Trial ${trial.number} of ${study.definition.name} is ${trial.state} after ${counted(lastStep(trial), "step")}; there ${view.decisions.length === 1 ? "was 1 decision" : `were ${view.decisions.length} decisions`} about it.`,
        data: (portion) => explanation(watched, trial, view, portion),
      };
    }),
  );
}

/** Adds the tools about single trials. */
export function addTrialTools(server: McpServer, context: ToolContext): void {
  addTrials(server, context);
  addCurve(server, context);
  addExplain(server, context);
}
