// Keeps the figures of a run in the repository: node experiments/keep.mjs experiment-results
// The small tables go to experiments/results, some pictures to docs/images, and docs/poster.md says what came out: the
// part between `<!-- results: NAME -->` and `<!-- end -->` is written here, everything else by hand.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { EXPERIMENTS } from "./names.mjs";
import { readSection } from "./output.mjs";

const root = resolve(import.meta.dirname, "..");
const RESULTS = join(root, "experiments", "results");
const PAGE = join(root, "docs", "poster.md");
const KEPT = ["summary", "timings"];
/** The figures in the docs, by the beginning of their names. */
const SHOWN = [
  "grid",
  "lcm-steps-fashion-mnist-dense-small",
  "lcm-final-fashion-mnist-dense-small",
  "dynamic-rate-",
  "pbt-rates",
  "pbt-accuracy",
  "magmadnn-final",
  "scale-speedup",
  "scale-decisions",
];

const escaped = (text) =>
  text.replaceAll("|", "\\|").replaceAll("*", "\\*").replaceAll("_", "\\_").replaceAll("<", "&lt;");
const rowOf = (cells) => `| ${cells.map(escaped).join(" | ")} |`;

function tableText({ title, head, rows }) {
  const line = `| ${head.map((_, column) => (column === 0 ? "---" : "---:")).join(" | ")} |`;
  const table = [rowOf(head), line, ...rows.map(rowOf)].join("\n");
  return title === undefined ? table : `**${escaped(title)}**\n\n${table}`;
}

/** What the page says of an experiment. */
function textOf({ lede, findings, tables, figures, footer }) {
  const pictures = figures
    .filter(({ name }) => SHOWN.some((shown) => name.startsWith(shown)))
    .map(({ name, title }) => `![${title}](images/poster-${name}.svg)`);
  const parts = [
    lede,
    findings.map((finding) => `- ${escaped(finding)}`).join("\n"),
    ...pictures,
    ...tables.map(tableText),
    tables.length === 0 ? "" : `Measured on ${footer}`,
  ];
  return parts.map(String).join("\n\n");
}

function keep(name, section) {
  const folder = join(RESULTS, name);
  mkdirSync(folder, { recursive: true });
  for (const table of KEPT.filter((each) => section.csv.includes(each)))
    copyFileSync(join(section.folder, `${table}.csv`), join(folder, `${table}.csv`));
  for (const { name: figure } of section.figures) {
    if (!SHOWN.some((shown) => figure.startsWith(shown))) continue;
    copyFileSync(join(section.folder, `${figure}.svg`), join(root, "docs", "images", `poster-${figure}.svg`));
  }
}

const [given] = process.argv.slice(2);
if (given === undefined || !existsSync(given)) {
  console.error("Give the folder of a run: node experiments/keep.mjs experiment-results");
  process.exitCode = 2;
} else {
  let page = readFileSync(PAGE, "utf8");
  for (const name of Object.keys(EXPERIMENTS)) {
    const section = readSection(join(given, name));
    if (section === undefined) continue;
    // Where nothing was run, a sentence says so, and no figure.
    if (section.tables.length > 0) keep(name, section);
    const [begin, end] = [`<!-- results: ${name} -->`, "<!-- end -->"];
    const from = page.indexOf(begin) + begin.length;
    const to = page.indexOf(end, from);
    if (from < begin.length || to < 0) throw new Error(`docs/poster.md has no place for ${name}`);
    page = `${page.slice(0, from)}\n\n${textOf(section)}\n\n${page.slice(to)}`;
    console.log(`kept ${name} of ${basename(given)}`);
  }
  const options = await resolveConfig(PAGE);
  writeFileSync(PAGE, await format(page, { ...options, parser: "markdown" }));
}
