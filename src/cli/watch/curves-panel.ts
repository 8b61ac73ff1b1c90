import { bestTrial } from "../../core/best-trial.js";
import type { Study } from "../../core/study.js";
import { TRIAL_STATES, type Trial, type TrialState } from "../../core/trial.js";
import { chosenTrials } from "../../plots/index.js";
import { createCanvas, joined } from "../canvas.js";
import { curveScale, framed, frameWidth, gridPoints, type ScaledCurve, valueLabels } from "../curve-scale.js";
import type { Style } from "../output.js";
import { type Line, span } from "../spans.js";
import type { WatchState } from "./watch-state.js";

/** Room on the screen, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How trials in a state look: near the colours of the plots, among those that every terminal has. */
export const FATE_STYLES: Readonly<Record<TrialState, Style>> = {
  waiting: "dim",
  running: "green",
  paused: "magenta",
  complete: "blue",
  stopped: "yellow",
  failed: "gray",
};
/** The best trial. */
export const BEST_STYLE: Style = "red";

const isState = (state: string): state is TrialState => Object.hasOwn(FATE_STYLES, state);

/** How a state looks, if it is one. */
export const fateStyle = (state: string): Style | undefined =>
  isState(state) ? FATE_STYLES[state] : undefined;

/** Where lines cannot be fine, each state has a letter. */
const FATE_LETTERS: Readonly<Record<TrialState, string>> = {
  waiting: "w",
  running: "r",
  paused: "p",
  complete: "c",
  stopped: "s",
  failed: "f",
};

/** From the bottom to the top of the picture. */
const DRAWN_ORDER: readonly TrialState[] = ["failed", "stopped", "waiting", "paused", "complete", "running"];

/** The most curves of a picture; more would fill it. */
const MOST_CURVES = 400;
/** A frame, its labels and a line of the picture need this many rows. */
const LEAST_ROWS = 5;

interface Drawn {
  readonly curve: ScaledCurve;
  readonly style: Style;
  /** What it is drawn with, where lines cannot be fine. */
  readonly letter: string;
  /** What its end is marked with. */
  readonly mark: string | undefined;
}

function curveOf({ curve }: Trial, metric: string): ScaledCurve {
  const column = curve.metrics.get(metric) ?? [];
  const known = [...column.keys()].filter((index) => column[index] !== null);
  return {
    steps: known.map((index) => curve.steps[index] ?? 0),
    values: known.map((index) => column[index] ?? null),
  };
}

/** The curves of a metric, in the order in which they are drawn: the best one last. */
function drawnCurves(study: Study, metric: string, selected: number | undefined): Drawn[] {
  const reported = study.trials.filter(({ curve }) => curve.metrics.has(metric));
  const { trials } = chosenTrials(study, reported, MOST_CURVES);
  const best = bestTrial(study)?.trial;
  const chosen = selected === undefined ? undefined : study.trials[selected];
  const isApart = (trial: Trial): boolean => trial === best || trial === chosen;
  const usual = DRAWN_ORDER.flatMap((state) =>
    trials
      .filter((trial) => trial.state === state && !isApart(trial))
      .map((trial) => ({
        curve: curveOf(trial, metric),
        style: FATE_STYLES[state],
        letter: FATE_LETTERS[state],
        mark: undefined,
      })),
  );
  const top = (trial: Trial | undefined, style: Style, mark: string): Drawn[] =>
    trial?.curve.metrics.has(metric) === true
      ? [{ curve: curveOf(trial, metric), style, letter: mark === "●" ? "*" : "+", mark }]
      : [];
  return [
    ...usual,
    ...(chosen === best ? [] : top(chosen, "cyan", "◆")),
    ...top(best, BEST_STYLE, chosen === best && best !== undefined ? "◆" : "●"),
  ];
}

const AXIS_WORDS = { auto: "", log: ", log axis", linear: ", linear axis" } as const;

/**
 * The learning curves of a metric, coloured by the fate of their trials, the best one on top and the selected one below
 * it; `●` marks the end of the best and `◆` that of the selected one.
 *
 * @param metric one of the study's
 */
export function curvesPanel(
  study: Study,
  metric: string,
  { selected, axis }: Pick<WatchState, "selected" | "axis">,
  { columns, rows, isUnicode }: Size & { readonly isUnicode: boolean },
): Line[] {
  const title = [span(metric, "bold"), span(` by step${AXIS_WORDS[axis]}`)];
  const drawn = drawnCurves(study, metric, selected);
  if (rows < LEAST_ROWS) return [title];
  if (drawn.length === 0) return [title, [span("nothing was reported yet", "dim")]];
  const { goal } = study.definition;
  const scale = curveScale(
    drawn.map(({ curve }) => curve),
    {
      metric,
      direction: metric === goal.metric ? goal.direction : undefined,
      wanted: axis === "auto" ? undefined : axis,
    },
  );
  const height = rows - 3;
  const labels = valueLabels(scale, height);
  const width = columns - frameWidth(labels);
  if (width < 10) return [title];
  const canvas = createCanvas(width, height);
  for (const { curve, style, letter } of drawn) {
    if (isUnicode) canvas.dots(joined(gridPoints(curve, scale, 2 * width, 4 * height)), style);
    else
      for (const [column, row] of joined(gridPoints(curve, scale, width, height)))
        canvas.put(column, row, letter, style);
  }
  for (const { curve, style, mark } of drawn) {
    const end = [...gridPoints(curve, scale, width, height)].findLast((point) => point !== undefined);
    if (mark !== undefined && end !== undefined) canvas.put(...end, mark, style);
  }
  return [title, ...framed(canvas, scale, { labels, isUnicode })];
}

/** How many trials are in each state, in its colour. */
export function countsLine(study: Study): Line {
  const counts = TRIAL_STATES.flatMap((state) => {
    const { size } = study.byState[state];
    return size === 0 ? [] : [[span(`${size} ${state}`, FATE_STYLES[state])]];
  });
  if (counts.length === 0) return [span("no trial yet", "dim")];
  return counts.flatMap((each, place) => (place === 0 ? each : [span(" · "), ...each]));
}

/** What the colours and signs of the curves mean. */
export function legendLines(isUnicode: boolean): Line[] {
  const states = TRIAL_STATES.map((state) => [
    span("  "),
    span(isUnicode ? state : `${FATE_LETTERS[state]} ${state}`, FATE_STYLES[state]),
  ]);
  return [
    [span("curves", "bold")],
    [],
    states.flat(),
    [
      span("  "),
      span("●", BEST_STYLE),
      span(" the best trial's  "),
      span("◆", "cyan"),
      span(" the selected trial's"),
    ],
  ];
}
