// How experiments write their results: CSV, SVG, a page, figures as JSON, and sentences on the terminal.
import { writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join, relative } from "node:path";
import { meanInterval, wilcoxonSignedRank } from "../dist/analysis/index.js";
import { csvRow } from "../dist/cli/csv.js";
import { renderPage } from "./page.mjs";
import { renderSvg } from "./svg.mjs";

/** Formats a share with four decimals, which is finer than any test set here. */
export const share = (value) => value.toFixed(4);

/** Formats a rate. */
export const rateText = (rate) => String(Number(rate.toPrecision(3)));

/** The mean of values with its 95 % interval, as text. */
export function intervalText(values) {
  const { mean, low, high } = meanInterval(values);
  return `${share(mean)} [${share(low)}, ${share(high)}]`;
}

/** The mean of paired differences with its 95 % interval and Wilcoxon's signed-rank test. */
export function compare(values, others) {
  const differences = values.map((value, index) => value - others[index]);
  const { pValue } = wilcoxonSignedRank(differences);
  return { ...meanInterval(differences), pValue, pairs: differences.length };
}

/** Formats a difference of shares with its sign. */
export const signed = (value) => `${value < 0 ? "-" : "+"}${share(Math.abs(value))}`;

/** The outcome of a comparison, as a sentence that claims no more than the interval and the test allow. */
export function verdict(name, other, { mean, low, high, pValue, pairs }) {
  const numbers = `${signed(mean)} [${signed(low)}, ${signed(high)}], p = ${pValue.toPrecision(2)}, ${pairs} pairs`;
  if ((low <= 0 && high >= 0) || pValue >= 0.05)
    return `${name} and ${other} cannot be told apart: ${numbers}.`;
  return `${name} ${mean > 0 ? "beats" : "loses to"} ${other}: ${numbers}.`;
}

/** The machine, in words. */
function machineText() {
  const [cpu] = cpus();
  return `${cpu?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${process.platform} ${release()}, Node ${process.version}`;
}

/** A CSV file from rows that are objects of the same keys. */
export function writeTable(output, name, rows) {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => csvRow(columns.map((column) => row[column])));
  writeFileSync(join(output, `${name}.csv`), `${[csvRow(columns), ...lines].join("\n")}\n`);
}

/** Writes the figures, the page and `result.json`, and prints the results. */
export async function writeResults(
  output,
  { experiment, title, lede, findings, table, figures, settings, result },
) {
  for (const { name, figure } of figures) writeFileSync(join(output, `${name}.svg`), await renderSvg(figure));
  const machine = machineText();
  const date = new Date().toISOString().slice(0, 10);
  const page = await renderPage({ title, lede, findings, table, figures, footer: `${machine}; ${date}.` });
  writeFileSync(join(output, "index.html"), page);
  const whole = { experiment, machine, date, settings, findings, ...result };
  writeFileSync(join(output, "result.json"), `${JSON.stringify(whole, null, 2)}\n`);
  const widths = table.head.map((cell, column) =>
    Math.max(cell.length, ...table.rows.map((cells) => cells[column].length)),
  );
  for (const cells of [table.head, ...table.rows]) {
    const [first, ...others] = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
    );
    console.log([first, ...others].join("  "));
  }
  console.log(`\n${findings.map((finding) => `- ${finding}`).join("\n")}\n\n${machine}`);
  console.log(`Figures and tables: ${relative(process.cwd(), join(output, "index.html")) || "index.html"}`);
}
