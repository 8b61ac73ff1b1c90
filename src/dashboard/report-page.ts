import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { EmbeddedAnswers } from "./embedded-answers.js";
import type { PageFiles } from "./page-files.js";

/** What a report is made from. */
export interface ReportPage {
  readonly title: string;
  readonly answers: EmbeddedAnswers;
  readonly files: PageFiles;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/**
 * A script for a script element. In JavaScript `<\/script` and `<\!--` mean the same inside a string or a regular
 * expression, which is where they occur.
 */
const inlineScript = (source: string): string =>
  source.replaceAll(/<\/(script)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** All answers as one JSON object by path, bytes as base64, compressed, in base64. */
export function packAnswers(answers: EmbeddedAnswers): string {
  const entries = [...answers].map(([path, answer]) => {
    const value =
      typeof answer === "string" ? answer : JSON.stringify(Buffer.from(answer).toString("base64"));
    return `${JSON.stringify(path)}:${value}`;
  });
  return gzipSync(`{${entries.join(",\n")}}`, { level: 6 }).toString("base64");
}

/**
 * One HTML file with the page, and all answers that it asks for: it works offline and from a folder, and its policy
 * forbids all requests and all code but its own. The same input gives the same file.
 */
export function reportPage({ title, answers, files }: ReportPage): string {
  const textOf = (path: string): string => new TextDecoder().decode(files.get(path)?.body);
  const style = textOf("/page.css").replaceAll(/<\/(style)/gi, "<\\/$1");
  const script = inlineScript(textOf("/page.js"));
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Curvewise">
<title>${escaped(title)}: Curvewise</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="page"><header class="top"><span class="brand">Curvewise</span></header></div>
<noscript>This page needs JavaScript. <code>curvewise status</code> shows a study without it.</noscript>
<script type="application/gzip" id="data">${packAnswers(answers)}</script>
<script>${script}</script>
</body>
</html>
`;
}
