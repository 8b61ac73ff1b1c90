import { countCopies } from "../core/lineage.js";
import type { Figure } from "./figure.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { populationOf, populationTraces } from "./population-parts.js";

/** Up to this many trials, each has its own tick. */
const MAX_TICKS = 24;

/** The share of all steps over which a copy's line runs from the parent's row to the child's. */
const LEAD = 0.02;

/**
 * The family tree of a population: one row per trial, along the steps of its models, with a line from the parent's row
 * to the child's wherever a model was copied. Where a trial went back with an older model, its new line covers what it
 * gave up.
 */
function renderLineage({ study }: PlotInput): Figure {
  const { length } = study.trials;
  if (countCopies(study) === 0) return { data: [], layout: {} };
  const population = populationOf(study);
  const end = population.parts.reduce((most, { toStep }) => Math.max(most, toStep), 0);
  const numbers = study.trials.map(({ number }) => number);
  return {
    data: populationTraces(study, population, { heightOf: ({ trial }) => trial, lead: LEAD * end }),
    layout: {
      xaxis: { title: { text: "step" }, type: "linear", rangemode: "tozero" },
      yaxis: {
        title: { text: "trial" },
        type: "linear",
        range: [length - 0.5, -0.5],
        ...(length > MAX_TICKS ? {} : { tickvals: numbers, ticktext: numbers.map(String) }),
      },
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const lineage: PlotDefinition = {
  name: "lineage",
  title: "Lineage",
  summary: "Which trial went on with whose model, and which trials trained the current models.",
  takes: [],
  needs: "a population whose trials copied models",
  render: renderLineage,
};
