// What the dashboard costs to open and to use, beside optuna-dashboard with the same study: bytes that are transferred,
// time to the first paint, to the curves, frames while they are panned, and memory after the page was left open.
// Every curve has all of its points. Chromium is headless, without a graphics card.
//   npm run bench:dashboard                         10,000 trials of 100 points
//   npm run bench:dashboard -- --trials 1000        a smaller study
//   npm run bench:dashboard -- --minutes 60         how long the page is left open (default 1)
//   npm run bench:dashboard -- --reports 2          reports a second that come meanwhile, to ours alone (default 0)
//   npm run bench:dashboard -- --without-peer       ours alone
//   npm run bench:dashboard -- --json               the last line is the result as JSON
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { growStudy, writeLargeStudy } from "./dashboard/large-study.mjs";
import { keep, machine, median, peersPython } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    trials: { type: "string", default: "10000" },
    points: { type: "string", default: "100" },
    minutes: { type: "string", default: "1" },
    reports: { type: "string", default: "0" },
    "without-peer": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [trials, points, minutes, rate] = [values.trials, values.points, values.minutes, values.reports].map(
  Number,
);
const root = resolve(import.meta.dirname, "..");
const PATIENCE = 600_000;
/** How often the first paint of each page is timed. */
const PAINTS = 9;

/** Starts a server, and waits until it answers. */
async function serve(command, args, url, environment = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: "ignore" });
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`${command} ${args.join(" ")} ended with ${child.exitCode}`);
    if ((await fetch(url).catch(() => undefined))?.ok === true) return child;
    await sleep(200);
  }
  throw new Error(`${url} does not answer`);
}

/** What processes have in memory, in MB, where the system says so. */
function residentMemory(pids) {
  const kilobytes = pids.map((pid) => {
    try {
      return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return Math.round(kilobytes.reduce((sum, each) => sum + each, 0) / 1000);
}

/** What a page, its processes and its server have in memory. */
async function memoryOf(session, browserSession, server) {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = (name) => metrics.find((each) => each.name === name)?.value ?? 0;
  const { processInfo } = await browserSession.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  return {
    heap: Math.round(usedSize / 1e5) / 10,
    nodes: metric("Nodes"),
    listeners: metric("JSEventListeners"),
    renderers: residentMemory(renderers),
    server: residentMemory([server.pid]),
  };
}

const memoryText = ({ heap, renderers, server }) =>
  `${heap} MB of objects (browser ${renderers} MB, server ${server} MB)`;

/** Leaves a page open, and looks at its memory at the start and every minute. */
async function leaveOpen(look, note) {
  const looks = [await look()];
  note(looks.at(-1), 0);
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    await sleep(Math.min(60_000, end - performance.now()));
    looks.push(await look());
    note(looks.at(-1), looks.length - 1);
  }
  return looks;
}

/** Times from the navigation to the first paint, each in a context of its own, by page in turn. */
async function firstPaints(browser, pages) {
  const times = new Map(Object.keys(pages).map((name) => [name, []]));
  for (let round = 0; round < 1 + PAINTS; round++) {
    for (const [name, url] of Object.entries(pages)) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      await page.goto(url, { waitUntil: "commit" });
      const isPainted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
      const handle = await page.waitForFunction(isPainted, undefined, { timeout: PATIENCE });
      // The first round warms the browser up.
      if (round > 0) times.get(name).push(await handle.jsonValue());
      await context.close();
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, Math.round(median(all))]));
}

/** Serves a page with one word, whose first paint is what Chromium itself needs. */
async function serveWord(port) {
  const page = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><p>Curvewise';
  const server = createServer((_, response) =>
    response.writeHead(200, { "Content-Type": "text/html" }).end(page),
  );
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Opens a page with an empty cache, and measures until it shows its curves. */
async function measure(browser, { url, isDrawn, pan, server, whileOpen }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  let scriptBytes = 0;
  const scripts = new Set();
  session.on("Network.responseReceived", ({ requestId, type }) => {
    if (type === "Script") scripts.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength;
    if (scripts.has(requestId)) scriptBytes += encodedDataLength;
  });
  const begun = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  let curves = null;
  try {
    await page.waitForFunction(isDrawn, trials, { timeout: PATIENCE });
    curves = performance.now() - begun;
  } catch {
    // It is reported that they were not there in time.
  }
  const frames = curves === null || pan === undefined ? [] : await pan(page);
  await session.send("Performance.enable");
  const browserSession = await browser.newBrowserCDPSession();
  const ended = new AbortController();
  const grown = whileOpen?.(ended.signal);
  const looks = await leaveOpen(
    () => memoryOf(session, browserSession, server),
    (look, minute) => console.error(`${url} after ${minute} min: ${JSON.stringify(look)}`),
  );
  ended.abort();
  const reports = await grown;
  await context.close();
  return {
    kilobytes: Math.round(bytes / 1000),
    scriptKilobytes: Math.round(scriptBytes / 1000),
    curves: curves === null ? null : Math.round(curves),
    frame: frames.length === 0 ? null : Math.round(median(frames)),
    reports: reports ?? 0,
    memory: looks[0],
    memoryAfter: looks.at(-1),
  };
}

/** Drags the curves to and fro, and times the frames meanwhile. */
async function panCurves(page) {
  const box = await page.locator("canvas").first().boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.evaluate(() => {
    globalThis.frameTimes = [];
    let last = performance.now();
    const note = (now) => {
      globalThis.frameTimes.push(now - last);
      last = now;
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  await page.keyboard.down("Shift");
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let step = 0; step < 60; step++)
    await page.mouse.move(x + 100 * Math.sin(step / 6), y + 20 * Math.cos(step / 6));
  await page.mouse.up();
  await page.keyboard.up("Shift");
  return page.evaluate(() => globalThis.frameTimes.slice(1));
}

const folder = mkdtempSync(join(tmpdir(), "curvewise-bench-"));
const servers = [];
try {
  const database = join(folder, "large.db");
  await writeLargeStudy(database, "large", trials, points);
  const own = [join(root, "bin", "curvewise.js")];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const results = {};
  const word = await serveWord(8488);
  const pages = { "one word": "http://127.0.0.1:8488/" };
  const ours = "http://127.0.0.1:8486/";
  const server = await serve(
    process.execPath,
    [...own, "dashboard", "--storage", database, "--listen", "8486"],
    ours,
  );
  servers.push(server);
  // Both servers have read the study once, so that what is compared is the page.
  await fetch(`${ours}api/studies/large`);
  pages.curvewise = `${ours}#/studies/large/curves`;
  results.curvewise = await measure(browser, {
    url: pages.curvewise,
    isDrawn: (count) =>
      document.body.textContent.includes(`${count} curves with`) && document.querySelector("canvas") !== null,
    pan: panCurves,
    server,
    whileOpen: (signal) =>
      rate === 0 ? undefined : growStudy(database, "large", { trials, points, pause: 1000 / rate, signal }),
  });
  const python = values["without-peer"]
    ? undefined
    : peersPython(join(import.meta.dirname, "dashboard", "requirements.txt"), "dashboard");
  if (python !== undefined) {
    const exported = join(folder, "optuna.db");
    const made = spawnSync(
      process.execPath,
      [...own, "export", "large", "--storage", database, "--format", "optuna", "--output", exported],
      { encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`the export failed: ${made.stderr}`);
    const theirs = "http://127.0.0.1:8487/dashboard/";
    const script = join(python, "..", "optuna-dashboard");
    const peer = await serve(script, [`sqlite:///${exported}`, "--port", "8487"], theirs);
    servers.push(peer);
    pages["optuna-dashboard"] = `${theirs}studies/1`;
    results["optuna-dashboard"] = await measure(browser, {
      url: pages["optuna-dashboard"],
      server: peer,
      isDrawn: (count) =>
        [...document.querySelectorAll(".js-plotly-plot")].some(
          ({ data = [] }) => data.length >= Math.min(count, 100),
        ),
    });
  }
  const paints = await firstPaints(browser, pages);
  word.close();
  await browser.close();
  for (const [name, result] of Object.entries(results)) {
    const { kilobytes, scriptKilobytes, curves, frame, reports, memory, memoryAfter } = result;
    console.log(
      `${name}: ${kilobytes} kB transferred (script ${scriptKilobytes}), curves ${curves === null ? `not within ${PATIENCE / 1000} s` : `${curves} ms`}${frame === null ? "" : `, frame while panning ${frame} ms`}, memory ${memoryText(memory)}, after ${minutes} min and ${reports} reports ${memoryText(memoryAfter)}`,
    );
  }
  console.log(
    `first paint: ${Object.entries(paints)
      .map(([name, time]) => `${name} ${time} ms`)
      .join(", ")}`,
  );
  const result = {
    firstPaint: paints,
    trials,
    points,
    minutes,
    reportsPerSecond: rate,
    results,
    machine: machine(),
  };
  keep("dashboard", result);
  if (values.json) console.log(JSON.stringify(result));
} finally {
  for (const child of servers) {
    child.kill();
    await once(child, "exit").catch(() => {});
  }
  rmSync(folder, { recursive: true, force: true });
}
