import type { EndedTrial } from "../importance/index.js";
import type { DrawingLimits, PlotDefinition, PlotInput, PlottedStudy } from "../plots/index.js";
import { thinnedStudy } from "../plots/index.js";
import type { PlotView } from "./contract.js";
import { trialsSentence } from "./study-view.js";

/** What of a plot is asked for. */
export interface PlotWish {
  readonly metric?: string | undefined;
  readonly params?: readonly string[] | undefined;
  readonly ends?: readonly EndedTrial[] | undefined;
}

/** Plots with a mark or a line per trial show at most so much. */
const LIMITS: DrawingLimits = { trials: 4000, points: 150_000 };
const THINNED: ReadonlySet<string> = new Set(["learning-curves", "parallel-coordinates", "grid-3d"]);

/** Says what is left out; empty if nothing is. */
function leftOut(drawn: number, of: number): string {
  return drawn === of
    ? ""
    : ` ${drawn} of ${of} are drawn: the best ones, and others evenly spaced over the study.`;
}

/**
 * Renders a plot with its words.
 *
 * @throws CurvewiseError `PLOT_INVALID` and others of the plot, for params or metrics that the study does not have
 */
export function plotView(plot: PlotDefinition, plotted: PlottedStudy, wish: PlotWish = {}): PlotView {
  const { metric, params, ends } = wish;
  const input: PlotInput = {
    ...plotted,
    ...(metric === undefined ? {} : { metric }),
    ...(params === undefined || params.length === 0 ? {} : { params }),
    ...(ends === undefined ? {} : { ends }),
  };
  const thinned = THINNED.has(plot.name)
    ? thinnedStudy(plotted.study, metric ?? plotted.study.definition.goal.metric, LIMITS)
    : undefined;
  const figure = plot.render(thinned === undefined ? input : { ...input, study: thinned.study });
  const more = thinned === undefined ? "" : leftOut(thinned.drawn, thinned.of);
  const title =
    params === undefined || params.length === 0 ? plot.title : `${plot.title}: ${params.join(" and ")}`;
  return {
    title,
    sentence: `${plot.summary} ${trialsSentence(plotted.study)}.${more}`,
    figure,
    needs: figure.data.length === 0 ? plot.needs : null,
  };
}
