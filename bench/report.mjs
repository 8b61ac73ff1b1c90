// What a report of a large study costs: its size, the time to write it, and, opened from its file in a headless
// Chromium without a graphics card, the time to the best trial, to all learning curves and to the table of all trials,
// and the page's memory then. Medians of several times of opening.
//   npm run bench:report                      30,000 trials of 20 points
//   npm run bench:report -- --trials 1000     a smaller study
//   npm run bench:report -- --rounds 5        how often it is opened (default 3)
//   npm run bench:report -- --json            the last line is the result as JSON
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { writeLargeStudy } from "./dashboard/large-study.mjs";
import { keep, median } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    trials: { type: "string", default: "30000" },
    points: { type: "string", default: "20" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const [trials, points, rounds] = [values.trials, values.points, values.rounds].map(Number);
const PATIENCE = 600_000;

/** Opens a place of the report in a new page, and measures until it shows what it is opened for. */
async function open(browser, url, isShown, argument) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, offline: true });
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForFunction(isShown, argument, { timeout: PATIENCE });
  const milliseconds = performance.now() - begun;
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await context.close();
  return { milliseconds, megabytes: usedSize / 1e6 };
}

const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
try {
  const [database, file] = [join(folder, "large.db"), join(folder, "report.html")];
  await writeLargeStudy(database, "large", trials, points);
  const command = resolve(import.meta.dirname, "../bin/curvewise.js");
  const begun = performance.now();
  const words = [command, "report", "--storage", database, "--output", file];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the report failed: ${stderr}`);
  const written = performance.now() - begun;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const address = pathToFileURL(file).href;
  const views = {
    overview: [address, () => document.querySelector(".big") !== null],
    curves: [
      `${address}#/studies/large/curves`,
      (count) =>
        document.body.textContent.includes(`${count} curves with`) &&
        document.querySelector("canvas") !== null,
    ],
    trials: [
      `${address}#/studies/large/trials`,
      (count) => document.querySelector(".bar .count")?.textContent === `${count} trials`,
    ],
  };
  const opened = {};
  for (const [name, [url, isShown]] of Object.entries(views)) {
    const runs = [];
    for (let round = 0; round < rounds; round++) runs.push(await open(browser, url, isShown, trials));
    opened[name] = {
      milliseconds: Math.round(median(runs.map(({ milliseconds }) => milliseconds))),
      megabytes: Math.round(median(runs.map(({ megabytes }) => megabytes))),
    };
  }
  await browser.close();
  const megabytes = Number((statSync(file).size / 1e6).toFixed(1));
  const seconds = Number((written / 1000).toFixed(1));
  console.log(`${trials} trials of ${points} points: ${megabytes} MB, written in ${seconds} s`);
  for (const [name, { milliseconds, megabytes: memory }] of Object.entries(opened))
    console.log(`${name}: shown after ${milliseconds} ms, memory ${memory} MB`);
  keep("report", { trials, points, rounds, megabytes, seconds, opened });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
