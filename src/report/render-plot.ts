import type { Figure, PlotDefinition } from "../plots/index.js";
import { html } from "./html.js";
import { pageHtml } from "./page-html.js";
import { plotSection } from "./plot-section.js";

/** What a page with a single plot is made from. */
export interface PlotPageInput {
  readonly plot: PlotDefinition;
  readonly figure: Figure;
  /** The names of the studies that it shows. */
  readonly studies: readonly string[];
  /** When the page was made, in milliseconds since 1970; the page shows it. */
  readonly generatedAt: number;
}

/**
 * One self-contained HTML file with one plot, as it is in a report.
 *
 * @throws CurvewiseError `REPORT_FAILED` if a file of the installation is missing
 */
export function renderPlot({ plot, figure, studies, generatedAt }: PlotPageInput): string {
  const names = studies.join(" and ");
  const section = plotSection(plot, [figure], "plot", studies[0] ?? "study");
  const body = {
    title: `${plot.title} of ${names}`,
    html: html`<header><p class="brand">Curvewise plot</p><h1>${names}</h1></header>
<div class="plots">${section.html}</div>`,
    figures: section.figures,
    tables: [],
  };
  return pageHtml(body, generatedAt);
}
