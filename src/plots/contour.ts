import { BAD_TO_GOOD } from "./fate.js";
import type { ContourTrace, Figure, HeatmapTrace } from "./figure.js";
import { colourBar, endedPoints, pairLayout, pairTraces, paramPair } from "./param-pair.js";
import { colourBounds, valueScale } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { isContinuous, surfaceOf } from "./surface.js";
import { plotText } from "./trial-text.js";
import { goodness } from "./trial-value.js";

/** About as many lines of equal height as can be told apart. */
const LINES = 8;
/** Between the colours of a surface and those of the points on it. */
const OUTLINE = { color: "#ffffff", width: 1 };

/**
 * The goal metric over two params, the two most important ones unless named: the mean of nearby trials, each with its
 * end, known or forecast. It is left open where no trial is near.
 *
 * @throws CurvewiseError `PLOT_INVALID` when the named params are not two of the space's
 */
function renderContour({ study, params }: PlotInput): Figure {
  const pair = paramPair(study, params, "contour");
  if (pair === undefined || pair.points.length === 0) return { data: [], layout: {} };
  const { goal } = study.definition;
  const ended = endedPoints(pair, study);
  const scale = valueScale(ended.map(({ value }) => value));
  const colourOf = (value: number): number => goodness(scale.place(value), goal);
  const surface = surfaceOf(
    pair.x,
    pair.y,
    ended.map(({ x, y, value }) => ({ x, y, z: colourOf(value) })),
  );
  const [zmin, zmax] = colourBounds(ended.map(({ value }) => colourOf(value)));
  const ticks = scale.ticks.map(({ place, text }) => ({ at: goodness(place, goal), text }));
  const heat: HeatmapTrace = {
    type: "heatmap",
    name: plotText(goal.metric),
    ...surface,
    zmin,
    zmax,
    colorscale: BAD_TO_GOOD,
    showscale: true,
    colorbar: colourBar(goal.metric, ticks.filter(({ at }) => at >= zmin && at <= zmax)),
    opacity: 0.75,
    hoverinfo: "skip",
  };
  const lines: ContourTrace = {
    type: "contour",
    name: plotText(goal.metric),
    ...surface,
    ncontours: LINES,
    contours: { coloring: "none" },
    line: { color: "#ffffff", width: 0.7 },
    showlegend: false,
    hoverinfo: "skip",
  };
  const drawsLines = isContinuous(pair.x) && isContinuous(pair.y) && ended.length > 1;
  const style = { colorscale: BAD_TO_GOOD, cmin: zmin, cmax: zmax, showscale: false, line: OUTLINE };
  return {
    data: [
      ...(ended.length === 0 ? [] : [heat]),
      ...(drawsLines ? [lines] : []),
      ...pairTraces(pair, ended, { of: ({ value }) => colourOf(value), style }),
    ],
    layout: pairLayout(pair),
  };
}

export const contour: PlotDefinition = {
  name: "contour",
  title: "Two params",
  summary:
    "The value over two params, as the mean of nearby trials; the bluer, the better. A trial that was cut short counts with the forecast of its end.",
  render: renderContour,
};
