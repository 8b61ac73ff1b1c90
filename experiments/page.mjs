// A self-contained page with an experiment's findings and figures, drawn as the dashboard draws plots.
import { escaped } from "../dist/dashboard/inlined-page.js";
import { readPlotFiles } from "../dist/dashboard/page-files.js";
import { plotsPage } from "../dist/dashboard/plots-page.js";

const cellHtml = (cell, column) => `<td class="${column === 0 ? "" : "number"}">${escaped(cell)}</td>`;

const tableHtml = ({
  head,
  rows,
}) => `<div class="scroll" role="region" aria-label="In numbers" tabindex="0"><table class="list">
<thead><tr>${head.map((cell, column) => `<th scope="col" class="${column === 0 ? "" : "number"}">${escaped(cell)}</th>`).join("")}</tr></thead>
<tbody>${rows.map((cells) => `<tr>${cells.map(cellHtml).join("")}</tr>`).join("\n")}</tbody>
</table></div>`;

const figureHtml = ({
  name,
  title,
}) => `<section class="card plot-card alone" aria-label="${escaped(title)}"><header class="card-head"><h2>${escaped(title)}</h2></header>
<div id="figure-${escaped(name)}"></div></section>`;

/**
 * The text of the page.
 *
 * @param figures each with a name for files, a title, a summary and the figure
 * @param findings sentences
 */
export async function renderPage({ title, lede, findings, table, figures, footer }) {
  const body = `<header class="top"><span class="brand">Curvewise experiment</span></header>
<main><h1>${escaped(title)}</h1><p>${escaped(lede)}</p>
<section class="card" aria-label="Results"><header class="card-head"><h2>Results</h2></header>
<ul class="plain">${findings.map((finding) => `<li>${escaped(finding)}</li>`).join("\n")}</ul></section>
${figures.map(figureHtml).join("\n")}
<section class="card" aria-label="In numbers"><header class="card-head"><h2>In numbers</h2></header>
${tableHtml(table)}</section></main>
<footer class="made">${escaped(footer)}</footer>`;
  const plots = figures.map(({ name, title: heading, summary, figure }) => ({
    id: `figure-${name}`,
    name,
    plot: { title: heading, sentence: summary, figure, needs: null },
  }));
  return plotsPage({ title, body, plots, files: await readPlotFiles() });
}
