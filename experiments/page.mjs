// A self-contained page with an experiment's findings and figures, in the report's style.
import { html, scriptJson, trusted } from "../dist/report/html.js";
import { pageScripts } from "../dist/report/page-scripts.js";
import { STYLE } from "../dist/report/style.js";

/** Forbids the page all requests; Plotly needs no more than this. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

const tableHtml = ({ head, rows }) => html`<div class="scroll"><table>
<thead><tr>${head.map((cell, column) => html`<th class="${column === 0 ? "" : "number"}">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, column) => html`<td class="${column === 0 ? "" : "number"}">${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;

/**
 * The text of the page.
 *
 * @param figures each with a name for files, a title, a summary and the Plotly figure
 * @param findings sentences
 */
export function renderPage({ title, lede, findings, table, figures, footer }) {
  const { plotly, modules } = pageScripts();
  const slots = figures.map(({ name, figure }) => ({
    id: `figure-${name}`,
    fileName: name,
    figures: [figure],
  }));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: Curvewise</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<header><p class="brand">Curvewise experiment</p><h1>${title}</h1><p class="lede">${lede}</p></header>
<h2>Results</h2>
<div class="card"><ul class="plain">${findings.map((finding) => html`<li>${finding}</li>`)}</ul></div>
<h2>Figures</h2>
<div class="plots">${figures.map(
    ({
      name,
      title: heading,
      summary,
    }) => html`<figure class="card plot"><figcaption><h3>${heading}</h3><p>${summary}</p></figcaption>
<div class="canvas" id="figure-${name}"></div></figure>`,
  )}</div>
<h2>In numbers</h2>
<div class="card table">${tableHtml(table)}</div>
<footer>${footer}</footer>
</main>
<script type="application/json" id="figures">${scriptJson(slots)}</script>
<script type="application/json" id="tables">[]</script>
<script>${plotly}</script>
${modules.map((module) => html`<script type="module">${module}</script>`)}
</body>
</html>
`.html;
}
