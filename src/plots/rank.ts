import { BAD_TO_GOOD } from "./fate.js";
import type { Figure } from "./figure.js";
import { colourBar, endedPoints, type PairMarkers, pairLayout, pairTraces, paramPair } from "./param-pair.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";

/**
 * Trials in the plane of two params, the two most important ones unless named, coloured by how they rank among each
 * other (so a few extreme values do not decide what can be seen). Each counts with its end, known or forecast.
 *
 * @throws CurvewiseError `PLOT_INVALID` when the named params are not two of the space's
 */
function renderRank(input: PlotInput): Figure {
  const { study } = input;
  const pair = paramPair(input, "rank");
  if (pair === undefined || pair.points.length === 0) return { data: [], layout: {} };
  const ended = endedPoints(pair, study);
  const most = Math.max(1, ended.length - 1);
  // Points with equal values have equal ranks: that of the first of them.
  let first = 0;
  const ranks = ended.map(({ value }, place) => {
    if (value !== ended[first]?.value) first = place;
    return first;
  });
  const ticks = ["best", "median", "worst"].map((text, index) => {
    const value = ended[Math.round((index / 2) * (ended.length - 1))]?.value;
    return {
      at: 1 - index / 2,
      text: value === undefined ? text : `${text} ${Number(value.toPrecision(3))}`,
    };
  });
  const style = { colorscale: BAD_TO_GOOD, cmin: 0, cmax: 1, size: 8 };
  const bar = { showscale: true, colorbar: colourBar(study.definition.goal.metric, ticks) };
  // The legend of colours belongs to the points that there are.
  const hasKnown = ended.slice(1).some(({ isForecast }) => !isForecast);
  const markers: PairMarkers = {
    known: { ...style, ...bar },
    forecast: { ...style, ...(hasKnown ? {} : bar), symbol: "circle-open" },
    colours: ranks.map((place) => 1 - place / most),
  };
  return {
    data: pairTraces(pair, ended, markers),
    layout: pairLayout(pair),
  };
}

export const rank: PlotDefinition = {
  name: "rank",
  title: "Ranks over two params",
  summary: "Every trial by two of its params, coloured by its rank among all; the bluer, the better.",
  takes: ["params"],
  needs: "two params with several values, and a trial that has both and an end that is known or forecast",
  render: renderRank,
};
