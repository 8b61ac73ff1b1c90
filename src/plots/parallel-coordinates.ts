import { bestTrial } from "../core/best-trial.js";
import type { Goal } from "../core/goal.js";
import type { ParamValue, Space } from "../core/param.js";
import { lastStep } from "../core/trial.js";
import { BEST_COLOUR } from "./fate.js";
import type { ColourScale, Dimension, Figure } from "./figure.js";
import { clipped, paramScale, type Scale, valueScale } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { plotText } from "./trial-text.js";
import { goalOf, goodnessColours, valuedTrials } from "./trial-value.js";

/** How far below an axis trials without the param are drawn, as a share of the axis. */
const ABSENT_GAP = 0.12;

function dimensionOf(label: string, scale: Scale, values: readonly (ParamValue | undefined)[]): Dimension {
  const absent = scale.low - ABSENT_GAP * (scale.high - scale.low);
  let anyAbsent = false;
  const places = values.map((value) => {
    const place = value === undefined ? Number.NaN : scale.place(value);
    if (Number.isFinite(place)) return place;
    anyAbsent = true;
    return absent;
  });
  const ticks = anyAbsent ? [{ place: absent, text: "(off)" }, ...scale.ticks] : scale.ticks;
  return {
    label: plotText(clipped(label)),
    values: places,
    range: [anyAbsent ? absent : scale.low, scale.high],
    tickvals: ticks.map((tick) => tick.place),
    ticktext: ticks.map((tick) => tick.text),
  };
}

/** The params worth an axis: those that are not the same in every trial. */
function shownParams(space: Space, wanted: readonly string[] | undefined): string[] {
  const names = Object.keys(space);
  if (wanted !== undefined) return names.filter((name) => wanted.includes(name));
  return names.filter((name) => space[name]?.kind !== "fixed");
}

/** All lines are one pixel wide, so the best trial has more of them, this far apart as a share of an axis. */
const BESIDE: readonly number[] = [-0.003, 0.003];

/** A dimension with further lines beside one, inside the axis. */
function widened({ values, range, ...dimension }: Dimension, line: number): Dimension {
  const place = values[line];
  if (place === undefined) return { ...dimension, values, range };
  const [low, high] = range;
  const beside = BESIDE.map((share) => Math.min(high, Math.max(low, place + share * (high - low))));
  return { ...dimension, values: [...values, ...beside], range };
}

/** The part of the colours' range that only the best trial has. */
const BEST_SHARE = 0.1;

/**
 * Colours by how good a value is, with a colour of its own above all others for the best trial: so it is on top too.
 *
 * @param best its place in the list, whose lines beside it (see {@link widened}) come after all others; -1 if it is not
 *   in there
 */
function lineColours(places: readonly number[], goal: Goal, best: number): ColourScale {
  const colours = goodnessColours(places, goal);
  if (best < 0) return colours;
  const { color, colorscale, cmin } = colours;
  const cmax = colours.cmax + (colours.cmax - cmin) * (BEST_SHARE / (1 - BEST_SHARE));
  return {
    ...colours,
    color: [
      ...color.map((each, index) => (index === best ? cmax : Math.min(each, colours.cmax))),
      ...BESIDE.map(() => cmax),
    ],
    colorscale: [
      ...colorscale.map(([stop, colour]) => [stop * (1 - BEST_SHARE), colour] as const),
      [1 - BEST_SHARE / 2, BEST_COLOUR],
      [1, BEST_COLOUR],
    ],
    cmax,
  };
}

/**
 * A line for every trial with a finite value, across its params, the step that it reached and its value. Params that a
 * trial does not have are drawn below their axis at "(off)". The better lines are on top, and the study's best trial is
 * on top of all, in red.
 */
function renderParallelCoordinates(input: PlotInput): Figure {
  const { definition } = input.study;
  const { space } = definition;
  const metric = input.metric ?? definition.goal.metric;
  const direction = goalOf(input.study, metric);
  const valued = valuedTrials(input.study, metric);
  if (valued.length === 0) return { data: [], layout: {} };
  const values = valued.map(({ value }) => value);
  const scale = valueScale(values);
  const steps = valued.map(({ trial }) => lastStep(trial));
  const dimensions = shownParams(space, input.params).flatMap((name) => {
    const param = space[name];
    if (param === undefined) return [];
    return [
      dimensionOf(
        name,
        paramScale(param),
        valued.map(({ trial }) => trial.params[name]),
      ),
    ];
  });
  if (new Set(steps).size > 1) dimensions.push(dimensionOf("step reached", valueScale(steps), steps));
  dimensions.push(dimensionOf(metric, scale, values));
  const best = bestTrial(input.study)?.trial.number;
  const place = valued.findIndex(({ trial }) => trial.number === best);
  const line = lineColours(values.map(scale.place), direction, place);
  return {
    data: [
      {
        type: "parcoords",
        dimensions: dimensions.map((each) => widened(each, place)),
        customdata: valued.map(({ trial }) => trial.number),
        line,
      },
    ],
    layout: { margin: { l: 70, r: 70, t: 60, b: 30 } },
  };
}

export const parallelCoordinates: PlotDefinition = {
  name: "parallel-coordinates",
  title: "Parallel coordinates",
  summary: "One line per trial across its params and its value; the bluer, the better. Red: the best trial.",
  takes: ["metric", "params"],
  needs: "a trial that reported a finite value",
  render: renderParallelCoordinates,
};
