import { bestSoFar } from "./best-so-far.js";
import { contour } from "./contour.js";
import { decisionCurves } from "./decision-curves.js";
import { edf } from "./edf.js";
import { grid3d } from "./grid-3d.js";
import { hypervolume } from "./hypervolume.js";
import { importance } from "./importance.js";
import { learningCurves } from "./learning-curves.js";
import { lineage } from "./lineage.js";
import { parallelCoordinates } from "./parallel-coordinates.js";
import { paramHistory } from "./param-history.js";
import { pareto } from "./pareto.js";
import type { PlotDefinition } from "./plot-definition.js";
import { rank } from "./rank.js";
import { slice } from "./slice.js";

export { evenlySpaced } from "../math/evenly-spaced.js";
export { type Progress, progressOf, type Reached } from "./best-so-far.js";
export { type DecisionPicture, type DrawnCurve, pictureDecision } from "./decision-curves.js";
export { BAD_TO_GOOD, BEST_COLOUR, FATES, type Fate, STUDY_COLOURS } from "./fate.js";
export type * from "./figure.js";
export { checkKnownParams } from "./known-params.js";
export { paramsByImportance } from "./param-pair.js";
export type { PlotDefinition, PlotInput, PlottedDecision, PlottedStudy, Report } from "./plot-definition.js";
export { chosenTrials, type DrawingLimits, type Thinned, thinnedStudy } from "./thinning.js";

/** Every plot by name, in the order in which a page shows them. To add one, copy a file and add a line here. */
export const plots: Readonly<Record<string, PlotDefinition>> = Object.fromEntries(
  [
    learningCurves,
    bestSoFar,
    edf,
    parallelCoordinates,
    importance,
    slice,
    contour,
    rank,
    grid3d,
    decisionCurves,
    pareto,
    hypervolume,
    paramHistory,
    lineage,
  ].map((plot) => [plot.name, plot]),
);

export {
  bestSoFar,
  contour,
  decisionCurves,
  edf,
  grid3d,
  hypervolume,
  importance,
  learningCurves,
  lineage,
  parallelCoordinates,
  paramHistory,
  pareto,
  rank,
  slice,
};
