import { endedTrials } from "../importance/index.js";
import {
  contour,
  importance,
  type PlotDefinition,
  type PlottedStudy,
  paramsByImportance,
  slice,
} from "../plots/index.js";
import { html, trusted } from "./html.js";
import { choiceOf, type Section, sectionsOf } from "./plot-section.js";

/** The most params with a slice of their own: the most important ones. */
const MOST_SLICES = 12;
/** The most params of which all pairs are shown: each pair adds about as much to the page as a slice does. */
const MOST_PAIRED = 4;

/** Which params matter, and what values are good: plots of the study's params, the most important ones first. */
export function paramsSection(input: PlottedStudy, key: string): Section {
  const { study } = input;
  const plotted = { ...input, ends: endedTrials(study) };
  const { name } = study.definition;
  const params = paramsByImportance(study, plotted.ends);
  const id = (plot: PlotDefinition): string => `${key}-${plot.name}`;
  const sliced = params.slice(0, MOST_SLICES);
  const paired = params.slice(0, MOST_PAIRED);
  const pairs = paired.flatMap((first, place) =>
    paired.slice(place + 1).map((second) => [first, second] as const),
  );
  const contours = sectionsOf(
    contour,
    pairs.map((pair) => contour.render({ ...plotted, params: pair })),
    id(contour),
    name,
  );
  const slices = sectionsOf(
    slice,
    sliced.map((param) => slice.render({ ...plotted, params: [param] })),
    id(slice),
    name,
  );
  const sections = [
    ...sectionsOf(importance, [importance.render(plotted)], id(importance), name),
    ...slices,
    ...contours,
  ];
  if (sections.length === 0) return { html: trusted(""), figures: [] };
  const choices = [
    ...(slices.length === 0 ? [] : [choiceOf("Slice", sliced, [id(slice)])]),
    ...(contours.length === 0
      ? []
      : [
          choiceOf(
            "Pair",
            pairs.map((pair) => pair.join(" and ")),
            [id(contour)],
          ),
        ]),
  ];
  return {
    html: html`<div class="heading"><h2>Params</h2>${choices}</div>
<div class="plots">${sections.map((section) => section.html)}</div>`,
    figures: sections.flatMap((section) => section.figures),
  };
}
