import { bestTrial } from "../core/best-trial.js";
import type { Space } from "../core/param.js";
import { BEST_COLOUR, FATES } from "./fate.js";
import type { Figure, ScatterTrace } from "./figure.js";
import { metricAxis } from "./metric-axis.js";
import { paramAxis } from "./param-axis.js";
import { paramScale } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { trialText } from "./trial-text.js";
import { goalOf, type ValuedTrial, valuedTrials } from "./trial-value.js";

const HOVER = "%{text}<br><b>%{y}</b><extra></extra>";

/** The first param named, or the first that can have several values. */
function paramOf(space: Space, wanted: readonly string[] | undefined): string | undefined {
  const names = Object.keys(space);
  return wanted === undefined
    ? names.find((name) => space[name]?.kind !== "fixed")
    : names.find((name) => wanted.includes(name));
}

/**
 * The value of every trial over one of its params, the first one unless named: where good values lie, and whether they
 * touch an end of the range. Trials without the param, or without a finite value, are left out.
 */
function renderSlice(input: PlotInput): Figure {
  const { definition } = input.study;
  const metric = input.metric ?? definition.goal.metric;
  const name = paramOf(definition.space, input.params);
  const param = name === undefined ? undefined : definition.space[name];
  if (name === undefined || param === undefined) return { data: [], layout: {} };
  const scale = paramScale(param);
  const placed = valuedTrials(input.study, metric).flatMap((valued) => {
    const value = valued.trial.params[name];
    const place = value === undefined ? Number.NaN : scale.place(value);
    return Number.isFinite(place) ? [{ ...valued, place }] : [];
  });
  if (placed.length === 0) return { data: [], layout: {} };
  const best = bestTrial(input.study)?.trial.number;
  const dots = (
    label: string,
    shown: readonly (ValuedTrial & { readonly place: number })[],
    marker: ScatterTrace["marker"],
  ): ScatterTrace[] =>
    shown.length === 0
      ? []
      : [
          {
            type: "scattergl",
            name: label,
            mode: "markers",
            x: shown.map(({ place }) => place),
            y: shown.map(({ value }) => value),
            text: shown.map(({ trial }) => trialText(trial)),
            hovertemplate: HOVER,
            ...(marker === undefined ? {} : { marker }),
            showlegend: true,
          },
        ];
  const data = [
    ...FATES.flatMap(({ state, colour }) =>
      dots(
        state,
        placed.filter(({ trial }) => trial.state === state && trial.number !== best),
        { color: colour, size: 6, opacity: 0.7 },
      ),
    ),
    ...dots(
      "best",
      placed.filter(({ trial }) => trial.number === best),
      { color: BEST_COLOUR, size: 10 },
    ),
  ];
  const values = placed.map(({ value }) => value);
  return {
    data,
    layout: {
      xaxis: paramAxis(name, scale),
      yaxis: metricAxis(metric, values, goalOf(input.study, metric).direction, false),
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const slice: PlotDefinition = {
  name: "slice",
  title: "Slice",
  summary: "The value of every trial over one of its params. Red: the best trial.",
  render: renderSlice,
};
