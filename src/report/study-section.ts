import type { StudyEvent } from "../core/events.js";
import { ofFirstTrainings } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import {
  bestSoFar,
  type Figure,
  grid3d,
  learningCurves,
  lineage,
  type PlotDefinition,
  type PlottedStudy,
  parallelCoordinates,
  paramHistory,
} from "../plots/index.js";
import { happeningsSection } from "./happenings-section.js";
import { type Html, html, trusted } from "./html.js";
import { packFigure } from "./pack-figure.js";
import type { FigureSlot, TableData } from "./page-data.js";
import { isPopulation, plottedParams, populationTables } from "./population-section.js";
import { metricsOf } from "./study-summary.js";
import { lastDecisions, tableData } from "./trial-rows.js";

/** A study with its whole log, in order. */
export interface ReportedStudy {
  readonly study: Study;
  readonly events: readonly StudyEvent[];
}

/** A part of the page with the data that its scripts need. */
export interface Section {
  readonly html: Html;
  readonly figures: readonly FigureSlot[];
}

/** A reported study as plots take it. */
export function plottedStudy({ study, events }: ReportedStudy): PlottedStudy {
  return { study, reports: [...ofFirstTrainings(events)].filter((event) => event.type === "reported") };
}

/** A file name that any file system accepts. */
function fileName(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(0, 60)).join("-");
}

const AXIS_WIDTH = 92;

function widthOf(figures: readonly Figure[]): string {
  const axes = figures.flatMap(({ data }) =>
    data.map((trace) => (trace.type === "parcoords" ? trace.dimensions.length : 0)),
  );
  const most = Math.max(0, ...axes);
  return most === 0 ? "" : `min-width: ${AXIS_WIDTH * most + 60}px`;
}

/** One figure of the page, of one plot, for one or more metrics. */
export function plotSection(
  plot: Pick<PlotDefinition, "name" | "title" | "summary">,
  figures: readonly Figure[],
  id: string,
  study: string,
): Section {
  const style = widthOf(figures);
  const block = html`<figure class="card plot" data-plot="${plot.name}"><figcaption><h3>${plot.title}</h3><p>${plot.summary}</p></figcaption>
<div class="wide"><div class="canvas" id="${id}" style="${style}"></div></div></figure>`;
  return {
    html: block,
    figures: [{ id, fileName: fileName(study, plot.name), figures: figures.map(packFigure) }],
  };
}

/** A choice of what some plots show; each of them has a figure for every name. */
function choiceOf(label: string, names: readonly string[], ids: readonly string[]): Html {
  if (names.length < 2) return trusted("");
  const options = names.map((name, index) => html`<option value="${index}">${name}</option>`);
  return html`<label>${label}<select data-figures="${ids.join(" ")}">${options}</select></label>`;
}

/** The plots of one study; those that show a metric have a figure for each of them. */
function plotsSection(plotted: PlottedStudy, key: string, heading: string): Section {
  const { study } = plotted;
  const { name, sampler } = study.definition;
  const metrics = metricsOf(study);
  const every = (plot: PlotDefinition): Figure[] =>
    metrics.map((metric) => plot.render({ ...plotted, metric }));
  const id = (plot: PlotDefinition): string => `${key}-${plot.name}`;
  const spatial = sampler.name === "grid" ? every(grid3d) : [];
  const isSpatial = spatial.some(({ data }) => data.length > 0);
  const ofMetric = [learningCurves, parallelCoordinates, ...(isSpatial ? [grid3d] : [])];
  const sections = [
    plotSection(learningCurves, every(learningCurves), id(learningCurves), name),
    plotSection(bestSoFar, [bestSoFar.render(plotted)], id(bestSoFar), name),
    plotSection(parallelCoordinates, every(parallelCoordinates), id(parallelCoordinates), name),
  ];
  if (isSpatial) sections.push(plotSection(grid3d, spatial, id(grid3d), name));
  return {
    html: html`<div class="heading"><h2>${heading}</h2>${choiceOf("Metric", metrics, ofMetric.map(id))}</div>
<div class="plots">${sections.map((section) => section.html)}</div>`,
    figures: sections.flatMap((section) => section.figures),
  };
}

/** The plots and tables of a population; nothing for a study whose trials kept their own models. */
function populationSection({ study, events }: ReportedStudy, key: string): Section {
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
<div class="plots">${sections.map((section) => section.html)}</div>${populationTables(study, events)}`,
    figures: sections.flatMap((section) => section.figures),
  };
}

/** Everything about one study below its summary: plots, all trials, and what happened. */
export function studySection(
  reported: ReportedStudy,
  index: number,
): Section & { readonly table: TableData } {
  const plots = plotsSection(plottedStudy(reported), `study-${index}`, "Plots");
  const population = populationSection(reported, `study-${index}`);
  const table = tableData(reported.study, lastDecisions(reported.events));
  return {
    html: html`${plots.html}${population.html}
<h2>Trials</h2><section class="card table" id="table-${index}"><noscript>The table of trials needs JavaScript.</noscript></section>
${happeningsSection(reported.study)}`,
    figures: [...plots.figures, ...population.figures],
    table,
  };
}
