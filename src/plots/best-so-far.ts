import { costOf, type Goal } from "../core/goal.js";
import { goalValue, lastStep, type Trial } from "../core/trial.js";
import { evenlySpaced } from "../math/evenly-spaced.js";
import { BEST_COLOUR, FATES, STUDY_COLOURS } from "./fate.js";
import type { Figure, ScatterTrace } from "./figure.js";
import { metricAxis } from "./metric-axis.js";
import type { PlotDefinition, PlotInput, PlottedStudy } from "./plot-definition.js";
import { plotText, trialText } from "./trial-text.js";

/** The most complete trainings that are drawn as dots; the lines show every improvement. */
const MAX_DOTS = 5000;
const HOVER = "%{text}<br>after %{x} steps: <b>%{y}</b><extra></extra>";

/** A value that was reached, and the steps spent by then. */
export interface Reached {
  /** Steps spent on the whole study so far, summed over its trials. */
  readonly spent: number;
  readonly value: number;
  readonly trial: number;
}

/** A study's progress along its reports. */
export interface Progress {
  /** The improvements in the best value of any report. */
  readonly observed: readonly Reached[];
  /** The improvements in the best value at the end of a complete training. */
  readonly complete: readonly Reached[];
  /** The end of every complete training with a finite value, in the order of the log. */
  readonly ends: readonly Reached[];
  /** Steps spent in total. */
  readonly spent: number;
}

/** A trial's state while its reports are followed. */
interface Course {
  /** The step of its model. */
  step: number;
  /** How often it has inherited. */
  inheritances: number;
}

/**
 * Advances to the model that a trial's next report belongs to: a model's last step is the one at which it was given up.
 */
function inheritUntilReport(course: Course, trial: Trial): void {
  for (;;) {
    const next = trial.inheritances[course.inheritances];
    if (next === undefined || next.at !== course.step) return;
    course.inheritances += 1;
    course.step = next.step;
  }
}

/**
 * Follows the goal metric along a study's reports. Steps are counted as the study counts them: a trial's step minus its
 * model's previous step, so that steps trained twice after a retry count once, and steps trained by another trial count
 * only for that trial.
 */
export function progressOf({ study, reports }: PlottedStudy): Progress {
  const { goal } = study.definition;
  const courses = study.trials.map((): Course => ({ step: 0, inheritances: 0 }));
  const observed: Reached[] = [];
  const complete: Reached[] = [];
  const ends: Reached[] = [];
  let spent = 0;
  for (const { trial, step, metrics } of reports) {
    const subject = study.trials[trial];
    const course = courses[trial];
    if (subject === undefined || course === undefined) continue;
    inheritUntilReport(course, subject);
    spent += Math.max(0, step - course.step);
    course.step = step;
    const value = metrics[goal.metric];
    if (value === undefined || !Number.isFinite(value)) continue;
    const point: Reached = { spent, value, trial };
    improve(observed, point, goal);
    const isPresent = course.inheritances === subject.inheritances.length;
    if (subject.state !== "complete" || !isPresent || lastStep(subject) !== step) continue;
    // With replicates, what counts is the goal across them, once all are trained.
    for (const replicate of subject.replicates) spent += replicate.curve.steps.at(-1) ?? 0;
    const end: Reached = { spent, value: goalValue(subject, goal) ?? value, trial };
    ends.push(end);
    improve(complete, end, goal);
  }
  return { observed, complete, ends, spent };
}

function improve(line: Reached[], point: Reached, goal: Goal): void {
  const last = line.at(-1);
  if (last === undefined || costOf(point.value, goal) < costOf(last.value, goal)) line.push(point);
}

function staircase(
  study: PlottedStudy["study"],
  line: readonly Reached[],
  spent: number,
  style: Pick<ScatterTrace, "name" | "line" | "legendgroup">,
): ScatterTrace[] {
  const last = line.at(-1);
  if (last === undefined) return [];
  const points = last.spent < spent ? [...line, { ...last, spent }] : line;
  return [
    {
      ...style,
      type: "scatter",
      mode: "lines",
      x: points.map((point) => point.spent),
      y: points.map((point) => point.value),
      text: points.map((point) => textOf(study, point.trial)),
      hovertemplate: HOVER,
      line: { ...style.line, shape: "hv" },
      showlegend: true,
    },
  ];
}

function textOf(study: PlottedStudy["study"], number: number): string {
  const trial = study.trials[number];
  return trial === undefined ? `trial ${number}` : trialText(trial);
}

function oneStudy(plotted: PlottedStudy, progress: Progress): ScatterTrace[] {
  const { observed, complete, ends, spent } = progress;
  const colour = FATES.find(({ state }) => state === "complete")?.colour ?? BEST_COLOUR;
  const drawn = evenlySpaced(ends, MAX_DOTS);
  const share = drawn.length < ends.length ? ` (${drawn.length} of ${ends.length})` : "";
  const dots: ScatterTrace = {
    type: "scatter",
    name: `complete trainings${share}`,
    mode: "markers",
    x: drawn.map((point) => point.spent),
    y: drawn.map((point) => point.value),
    text: drawn.map((point) => textOf(plotted.study, point.trial)),
    hovertemplate: HOVER,
    marker: { color: colour, size: 6, opacity: 0.5 },
  };
  return [
    ...(ends.length === 0 ? [] : [dots]),
    ...staircase(plotted.study, observed, spent, {
      name: "best of any report",
      line: { color: BEST_COLOUR, width: 1.2, dash: "dot" },
    }),
    ...staircase(plotted.study, complete, spent, {
      name: "best complete training",
      line: { color: BEST_COLOUR, width: 2.5 },
    }),
  ];
}

function severalStudies(studies: readonly PlottedStudy[], progresses: readonly Progress[]): ScatterTrace[] {
  return studies.flatMap((plotted, index) => {
    const color = STUDY_COLOURS[index % STUDY_COLOURS.length] ?? BEST_COLOUR;
    const legendgroup = `study ${index}`;
    const name = plotText(plotted.study.definition.name);
    const { observed, complete, spent } = progresses[index] ?? progressOf(plotted);
    return [
      ...staircase(plotted.study, observed, spent, {
        name: `${name}: any report`,
        legendgroup,
        line: { color, width: 1.2, dash: "dot" },
      }),
      ...staircase(plotted.study, complete, spent, {
        name: `${name}: complete trainings`,
        legendgroup,
        line: { color, width: 2.5 },
      }),
    ];
  });
}

/**
 * The best value of the goal metric against steps spent: on that axis, rules that stop early can be compared with those
 * that do not. Solid: complete trainings; dotted: any report. The value axis fits the ends of complete trainings, not
 * the first reports of the first trial.
 */
function renderBestSoFar(input: PlotInput): Figure {
  const { goal } = input.study.definition;
  const studies: readonly PlottedStudy[] = [input, ...(input.against ?? [])];
  const progresses = studies.map(progressOf);
  const [first] = progresses;
  const data =
    studies.length === 1 && first !== undefined
      ? oneStudy(input, first)
      : severalStudies(studies, progresses);
  const ends = progresses.flatMap((progress) => progress.ends.map((point) => point.value));
  const observed = progresses.flatMap((progress) => progress.observed.map((point) => point.value));
  const last = progresses.flatMap((progress) => progress.observed.slice(-1).map((point) => point.value));
  const fitted = ends.length > 1;
  const values = fitted ? [...ends, ...last] : [...observed, ...ends];
  return {
    data,
    layout: {
      xaxis: { title: { text: "steps spent, all trials" }, type: "linear", rangemode: "tozero" },
      yaxis: metricAxis(goal.metric, values, goal.direction, fitted),
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const bestSoFar: PlotDefinition = {
  name: "best-so-far",
  title: "Best so far",
  summary: "The best value against the steps spent on all trials.",
  takes: ["against"],
  needs: "a trial that reported a finite value",
  render: renderBestSoFar,
};
