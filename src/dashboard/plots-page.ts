import type { PlotView } from "../views/contract.js";
import { escaped, inlinedPage } from "./inlined-page.js";
import { type PageFiles, readPlotFiles, textOf } from "./page-files.js";

/** A plot, and where it is drawn. */
export interface PlacedPlot {
  /** The id of the element of the page's body. */
  readonly id: string;
  /** What files are called that it is saved as. */
  readonly name: string;
  readonly plot: PlotView;
}

/** What a page with plots is made from. */
export interface PlotsPage {
  readonly title: string;
  /** HTML with an element for each plot, in which texts of users are escaped. */
  readonly body: string;
  readonly plots: readonly PlacedPlot[];
  readonly files: PageFiles;
}

/** JSON for a script element: nothing in it can end the element or open a comment. */
const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** One HTML file with plots among words: it works offline and from a folder. The same input gives the same file. */
export function plotsPage({ title, body, plots, files }: PlotsPage): string {
  return inlinedPage({
    title,
    style: textOf(files, "/page.css"),
    script: textOf(files, "/plots.js"),
    body,
    data: `<script type="application/json" id="data">${scriptJson(plots)}</script>`,
  });
}

/** One plot of some studies. */
export interface PlotRequest {
  /** The plot's name in the registry. */
  readonly name: string;
  readonly plot: PlotView;
  /** The names of the studies that it shows. */
  readonly studies: readonly string[];
}

/**
 * One HTML file with one plot, as it is in the dashboard.
 *
 * @throws CurvewiseError `PAGE_MISSING`
 */
export async function renderPlot({ name, plot, studies }: PlotRequest): Promise<string> {
  const names = studies.join(" and ");
  return plotsPage({
    title: `${plot.title} of ${names}`,
    body: `<header class="top"><span class="brand">Curvewise</span></header>
<main><h1>${escaped(names)}</h1>
<section class="card plot-card alone" data-plot="${escaped(name)}" aria-label="${escaped(plot.title)}">
<header class="card-head"><h2>${escaped(plot.title)}</h2></header><div id="plot"></div></section></main>
<noscript>This page needs JavaScript.</noscript>`,
    plots: [{ id: "plot", name: `${studies[0] ?? "study"}-${name}`, plot }],
    files: await readPlotFiles(),
  });
}
