// How experiments write their results: CSV, SVG, a page, figures as JSON, and sentences on the terminal.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join, relative } from "node:path";
import { csvRow } from "../dist/cli/csv.js";
import { CurvewiseError } from "../dist/core/index.js";
import { renderPage } from "./page.mjs";
import { renderSvg } from "./svg.mjs";
import { renderSpaceSvg } from "./svg-space.mjs";

/** The file with everything that the page shows of an experiment. */
const SECTION = "section.json";

/** The machine, in words. */
export function machineText() {
  const [cpu] = cpus();
  return `${cpu?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${process.platform} ${release()}, Node ${process.version}`;
}

/** A CSV file from rows that are objects; the columns are the keys of all, in order of appearance. */
function writeTable(folder, name, rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => csvRow(columns.map((column) => row[column])));
  writeFileSync(join(folder, `${name}.csv`), `${[csvRow(columns), ...lines].join("\n")}\n`);
}

/** The scalars among an experiment's settings, as rows of its summary. */
const settingRows = (settings) =>
  Object.entries(settings)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) => ({ quantity: `setting: ${name}`, mean: value }));

const isSpace = ({ data }) => data.some(({ type }) => type === "scatter3d");

/**
 * Writes an experiment's tables and figures to its folder, and what the page shows of it, which is returned.
 *
 * @param result `experiment`, `options`, `title`, `lede`, `findings` (sentences), `tables` for the page, `figures`, `data` (the rows
 *   of each CSV file by its name), `summary` (rows with `quantity`, `mean`, `low`, `high`, `p`, ...), `timings` (rows that
 *   a second run does not repeat), `settings`, and anything else for `result.json`
 */
export async function writeResult(folder, { data, summary, timings = [], settings, result = {}, ...shown }) {
  mkdirSync(folder, { recursive: true });
  for (const { name, figure } of shown.figures) {
    const svg = isSpace(figure) ? renderSpaceSvg(figure) : await renderSvg(figure);
    writeFileSync(join(folder, `${name}.svg`), svg);
  }
  const files = {
    ...data,
    summary: [...summary, ...settingRows(settings)],
    ...(timings.length === 0 ? {} : { timings }),
  };
  for (const [name, rows] of Object.entries(files)) writeTable(folder, name, rows);
  const machine = machineText();
  const date = new Date().toISOString().slice(0, 10);
  const section = { ...shown, csv: Object.keys(files), footer: `${machine}; ${date}.` };
  const whole = {
    experiment: shown.experiment,
    machine,
    date,
    settings,
    findings: shown.findings,
    summary,
    ...result,
  };
  writeFileSync(join(folder, "result.json"), `${JSON.stringify(whole, null, 2)}\n`);
  writeFileSync(join(folder, SECTION), JSON.stringify(section));
  return { ...section, folder };
}

/**
 * What an earlier run with these options (if given) wrote to this folder; undefined if there was none, or it did not get
 * to its end.
 *
 * @throws CurvewiseError `SETTINGS_CHANGED` if the folder has results for other options
 */
export function readSection(folder, options) {
  const file = join(folder, SECTION);
  if (!existsSync(file)) return undefined;
  const section = JSON.parse(readFileSync(file, "utf8"));
  if (options !== undefined && JSON.stringify(section.options) !== JSON.stringify(options)) {
    throw new CurvewiseError("SETTINGS_CHANGED", `${folder} has results for other settings`, {
      hint: "Give another folder with --output, or remove this one.",
    });
  }
  return { ...section, folder };
}

/** Prints an experiment's tables and findings. */
export function printSection({ title, tables, findings, footer }) {
  console.log(`\n${title}\n`);
  for (const { head, rows } of tables) {
    const widths = head.map((cell, column) =>
      Math.max(cell.length, ...rows.map((cells) => cells[column].length)),
    );
    for (const cells of [head, ...rows]) {
      const [first, ...others] = cells.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      );
      console.log([first, ...others].join("  "));
    }
    console.log("");
  }
  console.log(`${findings.map((finding) => `- ${finding}`).join("\n")}\n\n${footer}`);
}

/** Writes the page with these sections. */
export async function writePage(folder, { title, lede, sections }) {
  const file = join(folder, "index.html");
  writeFileSync(file, await renderPage({ title, lede, sections }));
  console.log(`Figures and tables: ${relative(process.cwd(), file) || "index.html"}`);
}
