// Draws the pictures of docs/dashboard.md: every view of the page, on a desktop in both themes and on a phone, side by side.
//   npm run build && node scripts/picture-dashboard.mjs
//   node scripts/picture-dashboard.mjs --views curves,trial     only these
//   node scripts/picture-dashboard.mjs --keep FOLDER            with studies that an earlier call left there
// The studies are real: the demo's three searches, a population of networks, and accuracy against size.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs, promisify } from "node:util";
import { chromium } from "playwright-core";
import { STEPS, startSearch } from "../examples/fashion-mnist/start-search.mjs";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({ options: { views: { type: "string" }, keep: { type: "string" } } });
const folder = values.keep === undefined ? mkdtempSync(join(tmpdir(), "curvewise-")) : resolve(values.keep);
const database = join(folder, "curvewise.db");
const pictures = join(root, "docs/images/dashboard");
const program = join(root, "bin/curvewise.js");
const curvewise = (...words) =>
  promisify(execFile)(process.execPath, [program, ...words, "--storage", database], { cwd: folder });

const POPULATION = `study: population
goal: { maximize: accuracy }
command: [node, ${join(root, "trainer/bin/train.js")}, "--depth=2", "--width=32", "--lr={lr}", "--momentum={momentum}"]
space:
  lr: { float: [1e-3, 1], log: true }
  momentum: { float: [0, 0.98] }
maxSteps: 12
scheduler: { pbt: { population: 12, interval: 2 } }
budget: { totalSteps: 144 }
workers: 2
seed: 1
`;

const GOALS = `study: accuracy-and-loss
goals:
  - { maximize: accuracy }
  - { minimize: loss }
command: [node, ${join(root, "trainer/bin/train.js")}, "--depth={depth}", "--width={width}", "--lr={lr}", "--l2={l2}"]
space:
  depth: { int: [1, 3] }
  width: { int: [8, 64], log: true }
  lr: { float: [1e-3, 0.5], log: true }
  l2: { float: [1e-6, 1e-2], log: true }
maxSteps: 4
sampler: tpe
budget: { trials: 40 }
workers: 2
seed: 1
`;

async function makeStudies() {
  mkdirSync(folder, { recursive: true });
  for (const name of ["random", "asha", "flagship"]) {
    await startSearch({ name, seed: 1, steps: STEPS, storage: database, folder: join(folder, name) });
  }
  for (const [name, text] of [
    ["population", POPULATION],
    ["accuracy-and-loss", GOALS],
  ]) {
    writeFileSync(join(folder, `${name}.yaml`), text);
    await curvewise("run", `${name}.yaml`);
  }
}

/** The number of a trial of the flagship that was decided on more than once and stopped or paused. */
async function trialToShow() {
  const { stdout } = await curvewise("trials", "demo-flagship", "--json");
  const { trials: all } = JSON.parse(stdout);
  const left = all.filter(({ state }) => state === "paused" || state === "stopped");
  const longest = left.toSorted((a, b) => b.curve.length - a.curve.length);
  return longest[0]?.number ?? 0;
}

const PLACES = {
  studies: () => "#/studies",
  overview: () => "#/studies/demo-flagship/overview",
  curves: () => "#/studies/demo-flagship/curves",
  trials: () => "#/studies/demo-flagship/trials",
  trial: (trial) => `#/studies/demo-flagship/trials/${trial}`,
  rungs: () => "#/studies/demo-flagship/rungs",
  params: () => "#/studies/demo-flagship/params",
  goals: () => "#/studies/accuracy-and-loss/goals",
  population: () => "#/studies/population/population",
  workers: () => "#/studies/population/workers",
  "what-if": () => "#/studies/demo-random/what-if",
  compare: () => "#/compare?studies=demo-random&studies=demo-asha&studies=demo-flagship",
};
const LOOKS = [
  { name: "light", viewport: { width: 1200, height: 900 }, colorScheme: "light" },
  { name: "dark", viewport: { width: 1200, height: 900 }, colorScheme: "dark" },
  {
    name: "phone",
    viewport: { width: 400, height: 900 },
    colorScheme: "light",
    isMobile: true,
    hasTouch: true,
  },
];

async function serve() {
  const words = [program, "dashboard", "--storage", database, "--listen", "0"];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return { child, url };
  }
  throw new Error("the dashboard ended");
}

/** A view in all looks, in one picture as wide as a page of documentation. */
async function picture(browser, url, view, place) {
  const shots = [];
  for (const { name, ...look } of LOOKS) {
    const context = await browser.newContext({ ...look, reducedMotion: "reduce" });
    const page = await context.newPage();
    const [address, fragment] = url.split("#");
    await page.goto(fragment === undefined ? address : `${address}#${fragment}`);
    await page.waitForLoadState("networkidle").catch(() => {});
    await page.evaluate((to) => {
      location.hash = to;
    }, place);
    await page.waitForTimeout(2500);
    shots.push({ name, look, png: await page.screenshot() });
    await context.close();
  }
  const page = await browser.newPage({ viewport: { width: 1440, height: 470 } });
  const images = shots.map(
    ({ name, png }) =>
      `<img alt="${name}" src="data:image/png;base64,${png.toString("base64")}" style="height:425px;border-radius:8px;box-shadow:0 0 0 1px #8884">`,
  );
  await page.setContent(
    `<body style="margin:22px;display:flex;gap:20px;justify-content:center;background:#eceff2">${images.join("")}`,
  );
  writeFileSync(join(pictures, `${view}.png`), await page.screenshot());
  await page.close();
}

if (!existsSync(database)) await makeStudies();
mkdirSync(pictures, { recursive: true });
const { child, url } = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const trial = await trialToShow();
  const views = values.views?.split(",") ?? Object.keys(PLACES);
  for (const view of views) {
    await picture(browser, url, view, PLACES[view](trial));
    console.log(`${view}: ${Math.round(readFileSync(join(pictures, `${view}.png`)).length / 1000)} kB`);
  }
} finally {
  await browser.close();
  child.kill();
  await once(child, "exit");
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
