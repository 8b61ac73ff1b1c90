import { BAD_TO_GOOD } from "./fate.js";
import type { Figure, SurfaceTrace } from "./figure.js";
import { colourBar, endedPoints, pairLayout, pairTraces, paramPair } from "./param-pair.js";
import { colourBounds, valueScale } from "./param-scale.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { isContinuous, surfaceOf } from "./surface.js";
import { plotText } from "./trial-text.js";
import { goodness } from "./trial-value.js";

/** About as many lines of equal height as can be told apart. */
const LINES = 8;
const LINE = { color: "#ffffff", width: 0.7 };
/** Points stand out from any colour of the surface, on a light page and on a dark one. */
const KNOWN = { color: "#14171b", size: 7, line: { color: "#ffffff", width: 1 } };
const FORECAST = { color: "#ffffff", size: 6, line: { color: "#14171b", width: 1 } };

/**
 * The goal metric over two params, the two most important ones unless named: the mean of nearby trials, each with its
 * end, known or forecast. It is left open where no trial is near.
 *
 * @throws CurvewiseError `PLOT_INVALID` when the named params are not two of the space's
 */
function renderContour(input: PlotInput): Figure {
  const { study } = input;
  const pair = paramPair(input, "contour");
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
  const hasLines = isContinuous(pair.x) && isContinuous(pair.y) && ended.length > 1;
  const trace: SurfaceTrace = {
    type: hasLines ? "contour" : "heatmap",
    name: plotText(goal.metric),
    ...surface,
    zmin,
    zmax,
    colorscale: BAD_TO_GOOD,
    showscale: true,
    colorbar: colourBar(
      goal.metric,
      ticks.filter(({ at }) => at >= zmin && at <= zmax),
    ),
    opacity: 0.8,
    ...(hasLines ? { ncontours: LINES, contours: { coloring: "heatmap" }, line: LINE } : {}),
    hoverinfo: "skip",
  };
  return {
    data: [
      ...(ended.length === 0 ? [] : [trace]),
      ...pairTraces(pair, ended, { known: KNOWN, forecast: FORECAST }),
    ],
    layout: pairLayout(pair),
  };
}

export const contour: PlotDefinition = {
  name: "contour",
  title: "Two params",
  summary:
    "The value over two params, as the mean of nearby trials; the bluer, the better. A trial that was cut short counts with the forecast of its end.",
  takes: ["params"],
  needs: "two params with several values, and a trial that has both and an end that is known or forecast",
  render: renderContour,
};
