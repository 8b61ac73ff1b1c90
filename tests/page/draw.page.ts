/**
 * Draws every plot with the page's own renderer in a real Chromium (CHROMIUM_PATH, or /usr/bin/chromium), under a strict
 * content security policy. `node scripts/build-page.mjs` makes the bundle. Pictures are left in a folder of the system's
 * temporary one.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choice, float, int } from "../../src/core/param.js";
import { type Figure, type PlotInput, plots } from "../../src/plots/index.js";
import { generatePopulation } from "./generated-population.js";
import { type GeneratedStudy, generateStudy } from "./generated-study.js";
import { handMadeStudy } from "./hand-made-study.js";

const root = resolve(import.meta.dirname, "../..");
const pictures = join(tmpdir(), "curvewise-draw-pictures");
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'";
const STYLE = `
:root { --ink: #1b1f24; --ink-soft: #4b535d; --line: #e4e7ea; --paper: #ffffff; --accent: #1f6fe5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaee; --ink-soft: #b3bac3; --line: #272c33; --paper: #16191e; --accent: #6ea3f5; color-scheme: dark; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font-family: system-ui, sans-serif; }
main { padding: 12px; display: grid; gap: 16px; }
section { min-width: 0; } h2 { font-size: 15px; margin: 0 0 6px; }
.plot-normal { height: 380px; } .plot-large { height: 520px; }`;

/** All that the page can load, by its path. */
const served = (): Readonly<Record<string, readonly [type: string, body: string]>> => ({
  "/": [
    "text/html",
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
     <meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>Drawings</title>
     <link rel="stylesheet" href="/draw.css"><link rel="stylesheet" href="/page.css">
     <main></main><script type="module" src="/page.js"></script></html>`,
  ],
  "/draw.js": ["text/javascript", readFileSync(join(root, "dist/page/draw.js"), "utf8")],
  "/draw.css": ["text/css", readFileSync(join(root, "dist/page/draw.css"), "utf8")],
  "/page.css": ["text/css", STYLE],
  "/page.js": ["text/javascript", readFileSync(join(import.meta.dirname, "draw-page.js"), "utf8")],
});

/** An open page, with everything that it complained about or asked for. */
interface OpenPage {
  readonly page: Page;
  close(name?: string): Promise<void>;
}

let browser: Browser;
beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"],
  });
});
afterAll(() => browser.close());

async function open({
  scheme = "light",
  width = 1000,
}: { scheme?: "light" | "dark"; width?: number } = {}): Promise<OpenPage> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    const isDriver = /GL Driver Message|GPU stall|Automatic fallback to software WebGL/.test(message.text());
    if (!isDriver && ["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const files = served();
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = files[pathname];
    if (file === undefined) {
      if (pathname !== "/favicon.ico") problems.push(`request: ${pathname}`);
      return route.fulfill({ status: 204 });
    }
    return route.fulfill({ contentType: `${file[0]}; charset=utf-8`, body: file[1] });
  });
  await page.goto("http://curvewise.test/");
  await page.waitForSelector("html[data-ready=true]");
  const close = async (name?: string): Promise<void> => {
    if (name !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    await context.close();
    expect(problems).toEqual([]);
  };
  return { page, close };
}

const inputOf = ({ study, events }: GeneratedStudy): PlotInput => ({
  study,
  reports: events.filter((event) => event.type === "reported"),
});

/** A figure of every plot that the renderer draws. */
function allFigures(): Record<string, Figure> {
  const usual = inputOf(generateStudy({ trials: 120, unfinished: true, goal: "accuracy" }));
  const population = inputOf(generatePopulation());
  const goals = [
    { metric: "loss", direction: "minimize" },
    { metric: "accuracy", direction: "maximize" },
  ] as const;
  return Object.fromEntries(
    Object.values(plots).flatMap((plot) => {
      if (plot.name === "grid-3d") return [];
      const input = ["lineage", "param-history"].includes(plot.name) ? population : usual;
      const given = plot.takes.includes("goals") ? { ...input, goals } : input;
      return [[plot.name, plot.render(given)]];
    }),
  );
}

/** Draws a figure under a name. */
const draw = (page: Page, name: string, figure: Figure, options: object = {}): Promise<void> =>
  page.evaluate(
    ([...given]: [string, Figure, object]) => globalThis.harness.figure(...given),
    [name, figure, options] as [string, Figure, object],
  );

/** What `draw-page.js` offers. */
interface Harness {
  readonly drawings: Record<string, { toSvg(): string; destroy(): void; theme(): void; update(...given: unknown[]): void }>;
  readonly picked: unknown[];
  readonly brushed: readonly number[] | undefined;
  figure(name: string, figure: Figure, options: object): Promise<void>;
  curves(name: string, columns: object, options: object): Promise<void>;
  madeUp(trials: number, points: number): object;
  frame(): Promise<void>;
}

declare global {
  // oxlint-disable-next-line no-var
  var harness: Harness;
}

describe("the page's renderer", () => {
  it.each([
    ["light", {}],
    ["dark", { scheme: "dark" }],
    ["phone", { width: 390 }],
  ] as const)("draws every plot, %s", async (name, opening) => {
    const { page, close } = await open(opening);
    for (const [plot, figure] of Object.entries(allFigures())) await draw(page, plot, figure);
    await close(name);
  });

  it.each(["canvas", "density", "webgl"] as const)("draws 10,000 curves of 100 points, %s", async (renderer) => {
    const { page, close } = await open({ scheme: renderer === "webgl" ? "dark" : "light" });
    const times = await page.evaluate(async (renderer) => {
      const states = [
        { label: "stopped", colour: "#bb7600" },
        { label: "complete", colour: "#1f6fe5" },
      ];
      const curves = globalThis.harness.madeUp(10_000, 100);
      const from = performance.now();
      await globalThis.harness.curves("many", curves, { metric: "loss", direction: "minimize", states, best: 3, renderer });
      return [performance.now() - from];
    }, renderer);
    console.log(renderer, times);
    await close(`many-${renderer}`);
  });
});
