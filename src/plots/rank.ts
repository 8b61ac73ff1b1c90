import { BAD_TO_GOOD } from "./fate.js";
import type { Figure } from "./figure.js";
import { colourBar, endedPoints, pairLayout, pairTraces, paramPair } from "./param-pair.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { shortNumber } from "./trial-text.js";

/**
 * Trials in the plane of two params, the two most important ones unless named, coloured by how they rank among each
 * other (so a few extreme values do not decide what can be seen). Each counts with its end, known or forecast.
 *
 * @throws CurvewiseError `PLOT_INVALID` when the named params are not two of the space's
 */
function renderRank({ study, params }: PlotInput): Figure {
  const pair = paramPair(study, params, "rank");
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
    return { at: 1 - index / 2, text: value === undefined ? text : `${text} ${shortNumber(value)}` };
  });
  const style = {
    colorscale: BAD_TO_GOOD,
    cmin: 0,
    cmax: 1,
    showscale: true,
    colorbar: colourBar(study.definition.goal.metric, ticks),
  };
  return {
    data: pairTraces(pair, ended, { of: (_, place) => 1 - (ranks[place] ?? 0) / most, style }),
    layout: pairLayout(pair),
  };
}

export const rank: PlotDefinition = {
  name: "rank",
  title: "Ranks over two params",
  summary: "Every trial by two of its params, coloured by its rank among all; the bluer, the better.",
  render: renderRank,
};
