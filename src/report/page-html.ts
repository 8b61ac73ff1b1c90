import { formatMoment } from "./format.js";
import { type Html, html, scriptJson, trusted } from "./html.js";
import type { TableData } from "./page-data.js";
import { pageScripts } from "./page-scripts.js";
import type { Section } from "./plot-section.js";
import { STYLE } from "./style.js";

/**
 * Forbids the page all network requests; everything it runs and shows is in the file itself. Plotly's WebGL
 * plots compile their drawing commands, which needs `unsafe-eval`.
 */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'";

/** What a page shows. */
export interface PageBody {
  readonly title: string;
  readonly html: Html;
  readonly figures: Section["figures"];
  readonly tables: readonly TableData[];
}

/**
 * One self-contained HTML file: Plotly, data and styles are inside, and its policy forbids all requests.
 *
 * @throws CurvewiseError `REPORT_FAILED` if a file of the installation is missing
 */
export function pageHtml(body: PageBody, generatedAt: number): string {
  const { plotly, modules } = pageScripts();
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Curvewise">
<title>${body.title}: Curvewise</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${body.html}
<footer>Made by Curvewise on ${formatMoment(generatedAt)}.</footer>
</main>
<script type="application/json" id="figures">${scriptJson(body.figures)}</script>
<script type="application/json" id="tables">${scriptJson(body.tables)}</script>
<script>${plotly}</script>
${modules.map((module) => html`<script type="module">${module}</script>`)}
</body>
</html>
`.html;
}
