import type { MetricGoal } from "../core/goal.js";
import type { Study } from "../core/study.js";
import {
  bestSoFar,
  type DrawingLimits,
  edf,
  grid3d,
  learningCurves,
  lineage,
  type PlotDefinition,
  type PlottedStudy,
  parallelCoordinates,
  paramHistory,
  type Thinned,
  thinnedStudy,
} from "../plots/index.js";
import { formatCount } from "./format.js";
import { frontSection } from "./front-section.js";
import { happeningsSection } from "./happenings-section.js";
import { type Html, html, trusted } from "./html.js";
import type { TableData } from "./page-data.js";
import { paramsSection } from "./params-section.js";
import { choiceOf, plotSection, type Section, sectionsOf } from "./plot-section.js";
import { isPopulation, plottedParams, populationTables } from "./population-section.js";
import type { ReportLog } from "./report-log.js";
import { metricsOf } from "./study-summary.js";
import { tableData } from "./trial-rows.js";

/** A study with what its report shows of its log. */
export interface ReportedStudy {
  readonly study: Study;
  readonly log: ReportLog;
}

/** A reported study as plots take it. */
export function plottedStudy({ study, log }: ReportedStudy): PlottedStudy {
  return { study, reports: log.reports };
}

/** More could not be told apart, and would make the page slow to open. */
const MOST_CURVES: DrawingLimits = { trials: 2000, points: 150_000 };
const MOST_LINES: DrawingLimits = { trials: 4000, points: Number.POSITIVE_INFINITY };

/** Says what a plot leaves out; empty if nothing. */
function thinningText({ drawn, of, best, pointsPerCurve }: Thinned, what: string): string {
  const trials =
    drawn === of
      ? ""
      : ` ${formatCount(drawn)} of ${formatCount(of)} ${what} are drawn: the ${formatCount(best)} best and others evenly spaced over the study.`;
  const points =
    pointsPerCurve === undefined
      ? ""
      : ` Long curves are drawn with about ${formatCount(pointsPerCurve)} of their points, the least and the greatest of every stretch.`;
  return `${trials}${points}`;
}

/** The plots of one study; those that show a metric have a figure for each of them. */
function plotsSection(plotted: PlottedStudy, key: string, heading: string): Section {
  const { study } = plotted;
  const { name, sampler } = study.definition;
  const metrics = metricsOf(study);
  const id = (plot: PlotDefinition): string => `${key}-${plot.name}`;
  const every = (
    plot: PlotDefinition,
    limits: DrawingLimits,
    what: string,
  ): Section & { readonly isEmpty: boolean } => {
    const drawn = metrics.map((metric) => thinnedStudy(study, metric, limits));
    const figures = drawn.map((thinned, index) =>
      plot.render({ ...plotted, study: thinned.study, metric: metrics[index] ?? "" }),
    );
    const texts = new Set(drawn.map((thinned) => thinningText(thinned, what)));
    const summary = `${plot.summary}${[...texts].join("")}`;
    const section = plotSection({ ...plot, summary }, figures, id(plot), name);
    return { ...section, isEmpty: figures.every(({ data }) => data.length === 0) };
  };
  const spatial = sampler.name === "grid" ? [every(grid3d, MOST_LINES, "trials")] : [];
  const shown = spatial.filter(({ isEmpty }) => !isEmpty);
  const ofMetric = [learningCurves, parallelCoordinates, ...(shown.length > 0 ? [grid3d] : [])];
  const sections = [
    every(learningCurves, MOST_CURVES, "curves"),
    plotSection(bestSoFar, [bestSoFar.render(plotted)], id(bestSoFar), name),
    ...sectionsOf(edf, [edf.render(plotted)], id(edf), name),
    every(parallelCoordinates, MOST_LINES, "trials"),
    ...shown,
  ];
  return {
    html: html`<div class="heading"><h2>${heading}</h2>${choiceOf("Metric", metrics, ofMetric.map(id))}</div>
<div class="plots">${sections.map((section) => section.html)}</div>`,
    figures: sections.flatMap((section) => section.figures),
  };
}

/** The plots and tables of a population; nothing for a study whose trials kept their own models. */
function populationSection({ study, log }: ReportedStudy, key: string): Section {
  if (!isPopulation(study)) return { html: trusted(""), figures: [] };
  const { name } = study.definition;
  const params = plottedParams(study);
  const id = (plot: PlotDefinition): string => `${key}-${plot.name}`;
  const ofParam = params.map((param) => paramHistory.render({ study, reports: [], params: [param] }));
  const sections = [
    ...(params.length === 0 ? [] : [plotSection(paramHistory, ofParam, id(paramHistory), name)]),
    plotSection(lineage, [lineage.render({ study, reports: [] })], id(lineage), name),
  ];
  return {
    html: html`<div class="heading"><h2>Population</h2>${choiceOf("Param", params, [id(paramHistory)])}</div>
<div class="plots">${sections.map((section) => section.html)}</div>${populationTables(study, log.copies)}`,
    figures: sections.flatMap((section) => section.figures),
  };
}

/** Says how many trials have no details on the page; nothing if all have. */
function detailNote({ study, log }: ReportedStudy): Html {
  const { length } = study.trials;
  if (log.detailed.size >= length) return trusted("");
  return html`<p class="lede">All ${formatCount(length)} trials are in the table; ${formatCount(log.detailed.size)} have their details here: those that failed, the best ones, and others evenly spaced over the study. <code>curvewise explain</code> shows those of any trial.</p>`;
}

/** Everything about one study below its summary: plots, all trials, and what happened. */
export function studySection(
  reported: ReportedStudy,
  index: number,
  goals: readonly MetricGoal[],
): Section & { readonly table: TableData } {
  const plots = plotsSection(plottedStudy(reported), `study-${index}`, "Plots");
  const params = paramsSection(plottedStudy(reported), `study-${index}`);
  const front = frontSection(plottedStudy(reported), goals, `study-${index}`);
  const population = populationSection(reported, `study-${index}`);
  const table = tableData(reported.study, reported.log);
  return {
    html: html`${plots.html}${params.html}${front.html}${population.html}
<h2>Trials</h2>${detailNote(reported)}<section class="card table" id="table-${index}"><noscript>The table of trials needs JavaScript.</noscript></section>
${happeningsSection(reported.study)}`,
    figures: [...plots.figures, ...params.figures, ...front.figures, ...population.figures],
    table,
  };
}
