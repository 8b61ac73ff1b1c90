import type { Study } from "../../core/study.js";
import { goalValue, lastStep, type Trial, type TrialState } from "../../core/trial.js";
import { shortValue } from "../../plots/trial-text.js";
import { finite } from "../../views/viewed-study.js";
import { durationText } from "../../views/wording.js";
import { cell, cutLine, type Line, lineWidth, paddedLine, span } from "../spans.js";
import { barText } from "../status-line.js";
import { BEST_STYLE, countsLine, curvesPanel, FATE_STYLES, fateStyle, type Size } from "./curves-panel.js";
import { briefNumber, listedTrials, type WatchedWorker, type WatchModel } from "./watch-model.js";
import { questionText, type WatchState } from "./watch-state.js";

/** Where a screen is shown. */
export interface ScreenSettings extends Size {
  readonly isUnicode: boolean;
  /** Whether anything can be asked of the study. */
  readonly mayAct: boolean;
  /** Whether the study has finished, so that nothing can be asked of it as a whole. */
  readonly hasFinished: boolean;
}

/** A line with one part at the left and one at the right, as far as that fits. */
function spread(left: Line, right: Line, columns: number): Line {
  const space = columns - lineWidth(left) - lineWidth(right);
  return space >= 2
    ? [...left, span(" ".repeat(space)), ...right]
    : cutLine([...left, span("  "), ...right], columns);
}

function titleLine({ view, stateText }: WatchModel, columns: number): Line {
  const colour = view.state === "running" || view.state === "held" ? "green" : undefined;
  return spread([span(view.name, "bold"), span("  "), span(stateText, colour)], [span(view.goal)], columns);
}

function budgetLine({ view, left }: WatchModel): Line {
  const budget = view.definition.find(({ label }) => label === "budget")?.text ?? "";
  const rest =
    left === undefined
      ? ""
      : ` · ${durationText(left.seconds)} left${left.unlessBetter ? " if none is better" : ""}`;
  if (view.spent === null) return [span(`budget ${budget}${rest}`)];
  return [span(`${barText(view.spent)} ${Math.floor(100 * view.spent)} %`), span(` of ${budget}${rest}`)];
}

function bestLine({ view }: WatchModel): Line {
  const front = view.facts.find(({ label }) => label === "front");
  if (front !== undefined) return [span("front ", "bold"), span(front.text)];
  if (view.best === null) return [span("best ", "bold"), span("-", "dim")];
  const { trial, value, params } = view.best;
  return [
    span("best ", "bold"),
    span(briefNumber(value), BEST_STYLE),
    span(` (trial ${trial})  ${params.map(({ name, text }) => `${name}=${text}`).join(" ")}`),
  ];
}

/** The facts of the line below the counts, by their labels, the most important ones first. */
const SHOWN_FACTS = ["chance of a new best", "steps", "steps saved", "time saved", "time", "models copied"];

function factsLine({ view }: WatchModel): Line {
  const facts = SHOWN_FACTS.flatMap((shown) => view.facts.filter(({ label }) => label === shown));
  return facts.flatMap(({ label, text }, place) => [
    span(`${place === 0 ? "" : " · "}${label} `, "dim"),
    span(text),
  ]);
}

/** The lines above the curves. */
export function headLines(model: WatchModel, columns: number): Line[] {
  return [
    titleLine(model, columns),
    budgetLine(model),
    bestLine(model),
    countsLine(model.study),
    factsLine(model),
  ].map((line) => cutLine(line, columns));
}

const paramsOf = (trial: Trial): string =>
  Object.entries(trial.params)
    .map(([name, value]) => `${name}=${typeof value === "number" ? briefNumber(value) : shortValue(value)}`)
    .join(" ");

/** Columns of the list of trials without params. */
const LIST_WIDTH = 33;
/** Fewer columns would say little about params. */
const LEAST_PARAMS = 12;

/** The columns of the list, as far as there is room for them. */
function listRow(columns: number, cells: readonly [string, string, string, string, string]): string {
  const [number, state, value, step, params] = cells;
  const fixed = `${cell(number, 5, "right")} ${cell(state, 8)} ${cell(value, 10, "right")}${cell(step, 7, "right")}`;
  return columns < LIST_WIDTH + LEAST_PARAMS ? fixed : `${fixed}  ${params}`;
}

/** What is shown as a trial's state: one that somebody has paused waits for nobody else. */
const shownState = ({ held }: Study, { number, state }: Trial): TrialState =>
  state === "waiting" && held.has(number) ? "paused" : state;

function trialRow({ study, view }: WatchModel, trial: Trial, columns: number, isSelected: boolean): Line {
  const { number } = trial;
  const state = shownState(study, trial);
  const value = briefNumber(finite(goalValue(trial, study.definition.goal)));
  const row = listRow(columns, [String(number), state, value, String(lastStep(trial)), paramsOf(trial)]);
  if (isSelected) return paddedLine([span("▸", "inverse"), span(cell(row, columns - 1), "inverse")], columns);
  return cutLine([span(` ${row}`, view.best?.trial === number ? BEST_STYLE : FATE_STYLES[state])], columns);
}

const listTitle = ({ study }: WatchModel, columns: number): Line => {
  const { metric } = study.definition.goal;
  return cutLine(
    [span(` ${listRow(columns, ["trial", "state", metric, "step", "params"])}`, "bold")],
    columns,
  );
};

/** The list of trials, with the selected one in sight. */
export function trialList(model: WatchModel, state: WatchState, { columns, rows }: Size): Line[] {
  const listed = listedTrials(model.study, state.order);
  const room = rows - 1;
  const place = listed.findIndex(({ number }) => number === state.selected);
  const from = place < room ? 0 : Math.min(place - Math.floor(room / 2), listed.length - room);
  return [
    listTitle(model, columns),
    ...listed
      .slice(from, from + room)
      .map((trial) => trialRow(model, trial, columns, trial.number === state.selected)),
  ];
}

const workerText = ({ name, trial, step }: WatchedWorker): string =>
  trial === undefined ? `${name}: idle` : `${name}: trial ${trial}, step ${step}`;

/** The workers, as many as fit on the lines. */
export function workerLines({ workers }: WatchModel, { columns, rows }: Size): Line[] {
  const lines: string[] = [];
  let left = workers.length;
  for (const worker of workers) {
    const text = workerText(worker);
    const last = lines.at(-1);
    const longer = last === undefined ? `workers  ${text}` : `${last} · ${text}`;
    if (last === undefined) lines.push(longer);
    else if (longer.length <= columns - 12) lines[lines.length - 1] = longer;
    else if (lines.length < rows) lines.push(`         ${text}`);
    else break;
    left -= 1;
  }
  if (left > 0) lines[lines.length - 1] = `${lines.at(-1) ?? ""} · ${left} more`;
  return lines.map((line) => cutLine([span(line)], columns));
}

const timeOfDay = (milliseconds: number): string => {
  const date = new Date(milliseconds);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
};

/** The newest happenings, a line each. */
export const happeningLines = ({ happenings }: WatchModel, { columns, rows }: Size): Line[] =>
  happenings
    .slice(0, Math.max(0, rows))
    .map(({ time, text, state }) =>
      cutLine(
        [span(`${timeOfDay(time)} `, "dim"), span(text, state === undefined ? "yellow" : fateStyle(state))],
        columns,
      ),
    );

/** The keys of a page, the most important ones first. */
function keysOf(
  { page, order, selected }: WatchState,
  { mayAct, hasFinished }: Pick<ScreenSettings, "mayAct" | "hasFinished">,
): string[] {
  const trialKeys = mayAct && !hasFinished && selected !== undefined ? ["p r s pause, resume, stop it"] : [];
  if (page === "keys") return ["q back"];
  if (page === "trial") return ["q back", "? keys", "↑↓ scroll", ...trialKeys];
  return [
    "q quit",
    "? keys",
    "↑↓ select",
    "enter why",
    `o ${order === "newest" ? "best" : "newest"} first`,
    "l axis",
    "m metric",
    ...(mayAct && !hasFinished ? ["P R S pause, resume, stop"] : []),
    ...trialKeys,
  ];
}

/** The last line: a question, news, or as many keys as fit. */
export function footLine(state: WatchState, settings: ScreenSettings): Line {
  const { columns } = settings;
  if (state.question !== undefined) return cutLine([span(questionText(state.question), "bold")], columns);
  if (state.told !== undefined) return cutLine([span(state.told, "yellow")], columns);
  let text = "";
  for (const key of keysOf(state, settings)) {
    const longer = text === "" ? key : `${text} · ${key}`;
    if (longer.length > columns) break;
    text = longer;
  }
  return cutLine([span(text, "dim")], columns);
}

/** Lines of a column beside those of another. */
export function beside(left: readonly Line[], right: readonly Line[], width: number, rows: number): Line[] {
  return Array.from({ length: rows }, (_, row) => [
    ...paddedLine(left[row] ?? [], width),
    span(" "),
    ...(right[row] ?? []),
  ]);
}

/** The least columns that the curves get beside the list. */
const LEAST_CHART = 30;

/** The curves and, beside or below them, the list of trials. */
function middle(model: WatchModel, state: WatchState, { columns, rows, isUnicode }: ScreenSettings): Line[] {
  const { metrics } = model.view;
  const metric = metrics[state.metric % metrics.length] ?? model.study.definition.goal.metric;
  const panel = (size: Size): Line[] => curvesPanel(model.study, metric, state, { ...size, isUnicode });
  if (columns < LEAST_CHART + LIST_WIDTH + 1) {
    const above = Math.floor(rows / 2);
    const chart = panel({ columns, rows: above });
    return [...chart, ...trialList(model, state, { columns, rows: rows - chart.length })];
  }
  const width = columns < 110 ? LIST_WIDTH : Math.floor(columns * 0.42);
  const chart = panel({ columns: columns - width - 1, rows });
  return beside(chart, trialList(model, state, { columns: width, rows }), columns - width - 1, rows);
}

/** The study at a glance: as many lines as the screen has rows. */
export function studyScreen(model: WatchModel, state: WatchState, settings: ScreenSettings): Line[] {
  const { columns, rows } = settings;
  const head = headLines(model, columns);
  // A screen so low shows the trials alone.
  if (rows < head.length + 6)
    return [...head.slice(0, 1), ...trialList(model, state, { columns, rows: rows - 2 })]
      .slice(0, rows - 1)
      .concat([footLine(state, settings)]);
  const spare = rows - head.length - 1;
  const below = Math.max(3, Math.floor(spare / 4));
  const workers = workerLines(model, { columns, rows: Math.max(1, Math.floor(below / 3)) });
  const news = happeningLines(model, { columns, rows: below - workers.length });
  const tail = [...workers, ...news];
  const room = spare - tail.length;
  const body = middle(model, state, { ...settings, rows: room });
  const blank = Array.from({ length: Math.max(0, room - body.length) }, (): Line => []);
  return [...head, ...body, ...blank, ...tail, footLine(state, settings)];
}
