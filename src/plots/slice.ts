import { bestTrial } from "../core/best-trial.js";
import type { Space } from "../core/param.js";
import { BEST_COLOUR, FATES } from "./fate.js";
import type { Figure, ScatterTrace } from "./figure.js";
import { metricAxis } from "./metric-axis.js";
import { paramAxis } from "./param-axis.js";
import { paramScale } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { chosenTrials } from "./thinning.js";
import { plotText, shortValue } from "./trial-text.js";
import { goalOf, type ValuedTrial, valuedTrials } from "./trial-value.js";

const HOVER = "%{text}<br><b>%{y}</b><extra></extra>";

/** More trials are thinned: the best ones and others evenly spaced over the study are drawn. */
const MOST_POINTS = 1000;

interface PlacedTrial extends ValuedTrial {
  /** On the param's scale. */
  readonly place: number;
  /** The param's value, for people. */
  readonly text: string;
}

/** The first param named, or the first that can have several values. */
function paramOf(space: Space, wanted: readonly string[] | undefined): string | undefined {
  const names = Object.keys(space);
  return wanted === undefined
    ? names.find((name) => space[name]?.kind !== "fixed")
    : names.find((name) => wanted.includes(name));
}

/**
 * The value of every trial over one of its params, the first one unless named: where good values lie, and whether they
 * touch an end of the range. Trials without the param, or without a finite value, are left out; of very
 * many, the best and others evenly spaced over the study are drawn.
 */
function renderSlice(input: PlotInput): Figure {
  const { definition } = input.study;
  const metric = input.metric ?? definition.goal.metric;
  const name = paramOf(definition.space, input.params);
  const param = name === undefined ? undefined : definition.space[name];
  if (name === undefined || param === undefined) return { data: [], layout: {} };
  const scale = paramScale(param);
  const all = valuedTrials(input.study, metric).flatMap((valued) => {
    const value = valued.trial.params[name];
    const place = value === undefined ? Number.NaN : scale.place(value);
    if (value === undefined || !Number.isFinite(place)) return [];
    return [{ ...valued, place, own: value }];
  });
  if (all.length === 0) return { data: [], layout: {} };
  const chosen = chosenTrials(
    input.study,
    all.map(({ trial }) => trial),
    MOST_POINTS,
  );
  const drawn = new Set(chosen.trials);
  const placed = all.flatMap(({ own, ...each }) =>
    drawn.has(each.trial) ? [{ ...each, text: plotText(`${name} = ${shortValue(own)}`) }] : [],
  );
  const best = bestTrial(input.study)?.trial.number;
  const dots = (
    label: string,
    shown: readonly PlacedTrial[],
    marker: ScatterTrace["marker"],
  ): ScatterTrace[] =>
    shown.length === 0
      ? []
      : [
          {
            type: "scatter",
            name: placed.length < all.length ? `${label} (${shown.length} drawn)` : label,
            mode: "markers",
            x: shown.map(({ place }) => place),
            y: shown.map(({ value }) => value),
            text: shown.map(({ trial, text }) => `<b>trial ${trial.number}</b> (${trial.state})<br>${text}`),
            customdata: shown.map(({ trial }) => trial.number),
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
  const values = all.map(({ value }) => value);
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
  takes: ["metric", "params"],
  needs: "a trial with the param and a finite value",
  render: renderSlice,
};
