import type { ParamValue, Space } from "../core/param.js";
import { lastStep } from "../core/trial.js";
import type { Dimension, Figure } from "./figure.js";
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

/**
 * A line for every trial with a finite value, across its params, the step that it reached and its value. Params that a
 * trial does not have are drawn below their axis at "(off)". The best lines are on top.
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
  return {
    data: [{ type: "parcoords", dimensions, line: goodnessColours(values.map(scale.place), direction) }],
    layout: { margin: { l: 70, r: 70, t: 60, b: 30 } },
  };
}

export const parallelCoordinates: PlotDefinition = {
  name: "parallel-coordinates",
  title: "Parallel coordinates",
  summary: "One line per trial across its params and its value; the bluer, the better.",
  render: renderParallelCoordinates,
};
