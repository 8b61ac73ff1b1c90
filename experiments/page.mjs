// A self-contained page with the findings, figures and tables of experiments, which is one of the dashboard's with plots.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPlotFiles } from "../dist/dashboard/page-files.js";
import { plotsPage } from "../dist/dashboard/plots-page.js";
import { html } from "./html.mjs";

/** A link that saves a text of the page as a file. */
const csvLink = ({ name, text }, shown) =>
  html`<a download="${name}.csv" href="data:text/csv;base64,${Buffer.from(text).toString("base64")}">${shown}</a>`;

const numbered = (column) => (column === 0 ? "" : "number");
const tableHtml = ({
  title,
  head,
  rows,
}) => html`<section class="card">${title === undefined ? "" : html`<header class="card-head"><h2>${title}</h2></header>`}<div class="scroll"><table class="list">
<thead><tr>${head.map((cell, column) => html`<th scope="col" class="${numbered(column)}">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, column) => html`<td class="${numbered(column)}">${cell}</td>`)}</tr>`)}</tbody>
</table></div></section>`;

const figureHtml = ({
  id,
  title,
  csv,
}) => html`<section class="card plot-card"><header class="card-head"><h2>${title}</h2>${csv === undefined ? "" : csvLink(csv, "CSV")}</header>
<div id="figure-${id}"></div></section>`;

const sectionHtml = ({ experiment, title, lede, findings, tables, figures, files, footer, isOnly }) =>
  html`${isOnly ? "" : html`<h1 id="${experiment}">${title}</h1><p class="hint">${lede}</p>`}
<section class="card"><ul class="plain">${findings.map((finding) => html`<li>${finding}</li>`)}</ul></section>
<div class="plots">${figures.map(figureHtml)}</div>
${tables.map(tableHtml)}
${files.length === 0 ? "" : html`<p class="bar">${files.map((file) => csvLink(file, `${file.name}.csv`))}</p>`}
<p class="hint">${footer}</p>`;

/** A section with its CSV files, which are in its folder. */
function withFiles({ folder, ...section }, isOnly) {
  const files = new Map(
    section.csv.map((name) => [
      name,
      { name: `${section.experiment}-${name}`, text: readFileSync(join(folder, `${name}.csv`), "utf8") },
    ]),
  );
  const figures = section.figures.map(({ name, csv, ...figure }) => ({
    ...figure,
    id: name,
    csv: csv === undefined ? undefined : files.get(csv),
  }));
  return { ...section, figures, files: [...files.values()], isOnly };
}

/**
 * The text of the page.
 *
 * @param sections the results of experiments, each with its folder, in which its tables are as CSV files
 */
export async function renderPage({ title, lede, sections }) {
  const shown = sections.map((section) => withFiles(section, sections.length === 1));
  const body = html`<header class="top"><span class="brand">Curvewise</span></header>
<main><h1>${title}</h1><p class="hint">${lede}</p>
${shown.length < 2 ? "" : html`<nav class="views" aria-label="Experiments"><ul>${shown.map((section) => html`<li><a href="#${section.experiment}">${section.title}</a></li>`)}</ul></nav>`}
${shown.map(sectionHtml)}</main>
<noscript>The figures need JavaScript.</noscript>`;
  const plots = shown.flatMap(({ figures }) =>
    figures.map(({ id, title: name, summary, figure }) => ({
      id: `figure-${id}`,
      name: id,
      plot: { title: name, sentence: summary, figure, needs: null },
    })),
  );
  return plotsPage({ title, body: body.html, plots, files: await readPlotFiles() });
}
