import { gzipSync } from "node:zlib";
import type { EmbeddedAnswers } from "./embedded-answers.js";
import { escaped, inlinedPage } from "./inlined-page.js";
import { type PageFiles, textOf } from "./page-files.js";

/** What a report is made from. */
export interface ReportPage {
  readonly title: string;
  readonly answers: EmbeddedAnswers;
  /** The fragment of the address at which it opens. */
  readonly start: string;
  readonly files: PageFiles;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly generatedAt: number;
}

/** All answers as one JSON object by path, bytes as base64, compressed, in base64. */
export function packAnswers(answers: EmbeddedAnswers): string {
  const entries = [...answers].map(([path, answer]) => {
    const value =
      typeof answer === "string" ? answer : JSON.stringify(Buffer.from(answer).toString("base64"));
    return `${JSON.stringify(path)}:${value}`;
  });
  return gzipSync(`{${entries.join(",\n")}}`, { level: 6 }).toString("base64");
}

/** A time in UTC: `2025-11-24 15:34 UTC`. */
const momentText = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** One HTML file with the page, and all answers that it asks for. The same input gives the same file. */
export function reportPage({ title, answers, start, files, version, generatedAt }: ReportPage): string {
  const data = packAnswers(answers);
  return inlinedPage({
    title,
    style: textOf(files, "/page.css"),
    script: textOf(files, "/page.js"),
    body: `<div id="page" data-start="${escaped(start)}"><header class="top"><span class="brand">Curvewise</span></header></div>
<footer class="made">Made by Curvewise ${escaped(version)} on ${momentText(generatedAt)}.</footer>
<noscript>This page needs JavaScript. <code>curvewise status</code> shows a study without it.</noscript>`,
    data: `<script type="application/gzip" id="data">${data}</script>`,
  });
}
