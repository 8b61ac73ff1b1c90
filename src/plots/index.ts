import { bestSoFar } from "./best-so-far.js";
import { decisionCurves } from "./decision-curves.js";
import { grid3d } from "./grid-3d.js";
import { learningCurves } from "./learning-curves.js";
import { lineage } from "./lineage.js";
import { parallelCoordinates } from "./parallel-coordinates.js";
import { paramHistory } from "./param-history.js";
import type { PlotDefinition } from "./plot-definition.js";
import { slice } from "./slice.js";

export { type Progress, progressOf, type Reached } from "./best-so-far.js";
export { type DecisionPicture, type DrawnCurve, pictureDecision } from "./decision-curves.js";
export { BAD_TO_GOOD, BEST_COLOUR, FATES, type Fate, STUDY_COLOURS } from "./fate.js";
export type * from "./figure.js";
export type { PlotDefinition, PlotInput, PlottedDecision, PlottedStudy, Report } from "./plot-definition.js";

export { chosenTrials, type DrawingLimits, evenlySpaced, type Thinned, thinnedStudy } from "./thinning.js";

/** Every plot by name, in the order in which a page shows them. To add one, copy a file and add a line here. */
export const plots: Readonly<Record<string, PlotDefinition>> = Object.fromEntries(
  [learningCurves, bestSoFar, parallelCoordinates, slice, grid3d, decisionCurves, paramHistory, lineage].map(
    (plot) => [plot.name, plot],
  ),
);

export {
  bestSoFar,
  decisionCurves,
  grid3d,
  learningCurves,
  lineage,
  parallelCoordinates,
  paramHistory,
  slice,
};
