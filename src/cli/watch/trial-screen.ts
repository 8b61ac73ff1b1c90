import type { StudyEvent } from "../../core/events.js";
import type { Direction } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import { type DecisionPicture, pictureDecision } from "../../plots/index.js";
import type { DecisionView, TrialView } from "../../views/contract.js";
import { decisionsOf, plottedDecision, trialView } from "../../views/index.js";
import { ranksOf } from "../../views/ranks.js";
import { counted } from "../../views/wording.js";
import { curveChartLines } from "../curve-chart.js";
import { cell, cutLine, type Line, span, wrapped } from "../spans.js";
import { momentText } from "../wording.js";
import { fateStyle } from "./curves-panel.js";
import { beside, footLine, type ScreenSettings } from "./study-screen.js";
import { briefNumber } from "./watch-model.js";
import type { WatchState } from "./watch-state.js";

/** A trial with what explains it. */
export interface WatchedTrial {
  readonly view: TrialView;
  readonly metric: string;
  /** The curves at the last decision that compared any; undefined without a decision. */
  readonly picture: DecisionPicture | undefined;
  /** In which the picture's metric improves; undefined if unknown. */
  readonly direction: Direction | undefined;
}

function pictureOf(study: Study, events: readonly StudyEvent[]): DecisionPicture | undefined {
  const decided = decisionsOf(events).filter((event) => event.type === "decided");
  const shown =
    decided.findLast(({ explanation }) => (explanation.neighbours ?? []).length > 0) ?? decided.at(-1);
  return shown === undefined ? undefined : pictureDecision(study, plottedDecision(shown));
}

/** Makes it, from the trial's own events; undefined if the study does not have the trial at hand. */
export function watchedTrial(
  study: Study,
  number: number,
  events: readonly StudyEvent[],
): WatchedTrial | undefined {
  const trial = study.trials[number];
  if (trial === undefined) return undefined;
  const { goal } = study.definition;
  const picture = pictureOf(study, events);
  return {
    view: trialView(study, trial, { events, ranks: ranksOf(study) }),
    metric: goal.metric,
    picture,
    direction: picture?.metric === goal.metric ? goal.direction : undefined,
  };
}

/** The most neighbours of a decision, and lines of a failure's output, that are shown. */
const MOST_NEIGHBOURS = 5;
const MOST_OUTPUT = 10;
/** How many of the decisions that only let a trial go on are shown. */
const MOST_CONTINUED = 2;
/** From so many columns on, text and curves are beside each other. */
const WIDE = 110;

/** A title and what is below it; nothing if there is nothing. */
const titled = <Item>(
  title: string,
  items: readonly Item[],
  lines: (item: Item) => readonly Line[],
): Line[] => (items.length === 0 ? [] : [[], [span(title, "bold")], ...items.flatMap(lines)]);

const indented = (text: string, columns: number, by = 4): Line[] =>
  wrapped(text, Math.max(20, columns - by)).map((line) => [span(" ".repeat(by) + line)]);

function decisionLines(decision: DecisionView, metric: string, columns: number): Line[] {
  const { step, action, rule, reason, values, neighbours } = decision;
  const style = action === "continue" || action === "resume" ? "green" : "yellow";
  return [
    [span(`  step ${step}: `), span(action, style), span(` (${rule})`)],
    ...indented(reason, columns),
    ...(values.length === 0
      ? []
      : indented(values.map(({ label, text }) => `${label} ${text}`).join(", "), columns)),
    ...(neighbours.length === 0
      ? []
      : [
          [
            span(
              `    ${cell("neighbour", 12)} ${cell("distance", 10, "right")} ${cell(metric, 12, "right")}  state`,
              "bold",
            ),
          ],
        ]),
    ...neighbours
      .slice(0, MOST_NEIGHBOURS)
      .map(
        ({ name, distance, end, state }): Line => [
          span(
            `    ${cell(name, 12)} ${cell(briefNumber(distance), 10, "right")} ${cell(briefNumber(end), 12, "right")}  `,
          ),
          span(state, fateStyle(state)),
        ],
      ),
    ...(neighbours.length > MOST_NEIGHBOURS
      ? [[span(`    and ${neighbours.length - MOST_NEIGHBOURS} more`, "dim")]]
      : []),
  ];
}

function headOf({ view }: WatchedTrial): Line {
  const rank = view.rank === null ? "" : `  rank ${view.rank} of ${view.ranked}`;
  return [
    span(`trial ${view.number}`, "bold"),
    span("  "),
    span(view.state, fateStyle(view.state)),
    span(rank),
  ];
}

/** What is said of a trial, however long it is, but for the curves. */
function textLines({ view, metric }: WatchedTrial, columns: number): Line[] {
  const goingOn = new Set(
    view.decisions.filter(({ action }) => action === "continue").slice(-MOST_CONTINUED),
  );
  const shown = view.decisions.filter((each) => each.action !== "continue" || goingOn.has(each)).toReversed();
  const fewer = view.decisions.length - shown.length;
  const width = Math.max(0, ...view.params.map(({ name }) => name.length));
  return [
    ...indented(view.conclusion, columns, 0),
    [],
    ...indented(
      view.facts
        .map(({ label, text, moment }) => `${label} ${moment === undefined ? text : momentText(moment)}`)
        .join(" · "),
      columns,
      0,
    ),
    ...view.params.map(({ name, text }): Line => [span(`  ${name.padEnd(width)}  `, "dim"), span(text)]),
    ...titled("decisions, the newest first", shown, (decision) => decisionLines(decision, metric, columns)),
    ...(fewer === 0 ? [] : [[span(`  and ${counted(fewer, "earlier decision")} to let it go on`, "dim")]]),
  ];
}

/** What is said below the curves. */
function furtherLines({ view }: WatchedTrial, columns: number): Line[] {
  return [
    ...titled("how its model was trained", view.history.length < 2 ? [] : view.history, (part) => [
      [
        span(
          `  steps ${part.fromStep} to ${part.toStep} by trial ${part.trial}  ${part.params.map(({ name, text }) => `${name}=${text}`).join(" ")}`,
        ),
      ],
    ]),
    ...titled("failures", view.failures, ({ code, message, hint, output }) => [
      ...indented(`${code} ${message}`, columns, 2),
      ...(hint === null ? [] : indented(hint, columns)),
      ...output.slice(-MOST_OUTPUT).map((line): Line => [span(`    | ${line}`, "dim")]),
    ]),
    ...titled("notes", view.notes, ({ message }) => indented(message, columns, 2)),
  ];
}

/** Everything about a trial: where there is room, the curves are beside the text. */
function trialLines(trial: WatchedTrial, { columns, isUnicode }: ScreenSettings): Line[] {
  const { picture, direction } = trial;
  const isWide = columns >= WIDE;
  const width = isWide ? Math.floor(columns / 2) : columns;
  const chart =
    picture === undefined ? [] : (curveChartLines(picture, { width, isUnicode, direction }) ?? []);
  if (chart.length === 0) return [...textLines(trial, columns), ...furtherLines(trial, columns)];
  if (!isWide) return [...textLines(trial, columns), [], ...chart, ...furtherLines(trial, columns)];
  const left = columns - width - 2;
  const text = [...textLines(trial, left), ...furtherLines(trial, left)];
  return beside(text, chart, columns - width - 1, Math.max(text.length, chart.length));
}

/** A screen, and how many lines of what it shows are not on it. */
export interface ScrolledScreen {
  readonly lines: Line[];
  readonly hidden: number;
}

/** Why a trial went as it did: its decisions with their numbers, and the curves that were compared. */
export function trialScreen(
  trial: WatchedTrial | undefined,
  state: WatchState,
  settings: ScreenSettings,
): ScrolledScreen {
  const { columns, rows } = settings;
  const room = rows - 2;
  const all = trial === undefined ? [[span("reading the log", "dim")]] : trialLines(trial, settings);
  const hidden = Math.max(0, all.length - room);
  const from = Math.min(state.scroll, hidden);
  const shown = all.slice(from, from + room).map((line) => cutLine(line, columns));
  const blank = Array.from({ length: room - shown.length }, (): Line => []);
  const head = trial === undefined ? [span(`trial ${state.selected ?? ""}`, "bold")] : headOf(trial);
  const more = hidden - from > 0 ? [span(`  ${hidden - from} more lines below`, "dim")] : [];
  return {
    lines: [cutLine([...head, ...more], columns), ...shown, ...blank, footLine(state, settings)],
    hidden,
  };
}
