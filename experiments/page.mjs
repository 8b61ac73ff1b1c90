// A self-contained page with the findings, figures and tables of experiments, drawn by the dashboard's own renderer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { html, scriptJson, scriptSource, trusted } from "./html.mjs";

/** Forbids the page all requests. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1b1f24; --ink-soft: #4b535d; --page: #f6f7f8; --paper: #ffffff; --line: #e4e7ea; --accent: #1a5fc4;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaee; --ink-soft: #b3bac3; --page: #101317; --paper: #171b20; --line: #2a3038; --accent: #7fb0f7; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 32px 20px 48px; }
h1, h2, h3, p, figure, ul { margin: 0; }
h1 { font-size: 30px; line-height: 1.2; font-weight: 650; }
h2 { font-size: 21px; line-height: 1.3; margin: 48px 0 4px; scroll-margin-top: 12px; }
h3 { font-size: 15px; font-weight: 600; }
a { color: var(--accent); }
.soft, .lede, figcaption p, footer { color: var(--ink-soft); }
.lede { margin-bottom: 14px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 12px 0 0; list-style: none; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px; margin-bottom: 14px; min-width: 0; }
.card ul { padding-left: 20px; }
.card li + li { margin-top: 6px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 14px; margin-bottom: 14px; }
.figures .card { margin: 0; }
.canvas { height: 400px; margin-top: 10px; }
.files { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
button { padding: 4px 10px; border: 1px solid var(--line); border-radius: 6px; background: none; color: var(--accent); font: inherit; font-size: 13px; cursor: pointer; }
button:hover { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { font-weight: 600; color: var(--ink-soft); font-size: 13px; }
.number { text-align: right; padding: 5px 0 5px 12px; }
footer { margin-top: 40px; font-size: 13px; }
@media print { button { display: none; } }
`;

/** The renderer with the page's script, as one program without imports. */
async function programOf() {
  const bundle = await rolldown({ input: join(import.meta.dirname, "page-script.js"), platform: "browser" });
  const { output } = await bundle.generate({ format: "iife", minify: true, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

const numbered = (column) => (column === 0 ? "" : "number");
const tableHtml = ({
  title,
  head,
  rows,
}) => html`<div class="card">${title === undefined ? "" : html`<h3>${title}</h3>`}<div class="scroll"><table>
<thead><tr>${head.map((cell, column) => html`<th class="${numbered(column)}">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, column) => html`<td class="${numbered(column)}">${cell}</td>`)}</tr>`)}</tbody>
</table></div></div>`;

const figureHtml = ({
  id,
  title,
  summary,
  csv,
}) => html`<figure class="card"><figcaption><h3>${title}</h3><p>${summary}</p></figcaption>
<div class="canvas" id="figure-${id}"></div>
<div class="files"><button type="button" data-svg="${id}">SVG</button>${csv === undefined ? "" : html`<button type="button" data-csv="${csv}">CSV</button>`}</div></figure>`;

const sectionHtml = ({
  experiment,
  title,
  lede,
  findings,
  tables,
  figures,
  files,
  footer,
  isOnly,
}) => html`<section>${isOnly ? "" : html`<h2 id="${experiment}">${title}</h2><p class="lede">${lede}</p>`}
<div class="card"><ul>${findings.map((finding) => html`<li>${finding}</li>`)}</ul></div>
<div class="figures">${figures.map(figureHtml)}</div>
${tables.map(tableHtml)}
${files.length === 0 ? "" : html`<div class="files">${files.map((name) => html`<button type="button" data-csv="${experiment}/${name}">${name}.csv</button>`)}</div>`}
<p class="soft">${footer}</p></section>`;

/**
 * The text of the page.
 *
 * @param sections the results of experiments, each with its folder, in which its tables are as CSV files
 */
export async function renderPage({ title, lede, sections }) {
  const shown = sections.map(({ folder, ...section }) => ({
    ...section,
    files: section.csv,
    isOnly: sections.length === 1,
    texts: section.csv.map((name) => [`${section.experiment}/${name}`, join(folder, `${name}.csv`)]),
    figures: section.figures.map(({ name, csv, ...figure }) => ({
      ...figure,
      id: name,
      csv: csv === undefined ? undefined : `${section.experiment}/${csv}`,
    })),
  }));
  const figures = shown.flatMap((section) =>
    section.figures.map(({ id, title: name, figure }) => ({ name: id, title: name, figure })),
  );
  const tables = Object.fromEntries(
    shown.flatMap(({ texts }) => texts.map(([name, file]) => [name, readFileSync(file, "utf8")])),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: Curvewise</title>
<link rel="icon" href="data:,">
<style>${trusted(readFileSync(join(import.meta.dirname, "../dist/page/draw.css"), "utf8"))}${trusted(STYLE)}</style>
</head>
<body>
<main>
<header><h1>${title}</h1><p class="lede">${lede}</p>
${shown.length < 2 ? "" : html`<nav aria-label="Experiments"><ul>${shown.map((section) => html`<li><a href="#${section.experiment}">${section.title}</a></li>`)}</ul></nav>`}</header>
${shown.map(sectionHtml)}
<footer>Drag a box or scroll with Ctrl to zoom, double-click to see all again; drag the picture in space to turn it. SVG saves a picture as it is drawn now, CSV the numbers behind it.</footer>
</main>
<script type="application/json" id="figures">${scriptJson(figures)}</script>
<script type="application/json" id="tables">${scriptJson(tables)}</script>
<script>${scriptSource(await programOf())}</script>
</body>
</html>
`.html;
}
