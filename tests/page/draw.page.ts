/**
 * Draws every plot with the page's own renderer in a real Chromium (CHROMIUM_PATH, or /usr/bin/chromium), under a strict
 * content security policy. `npm run test:page` makes the bundle. Pictures are left in a folder of the system's
 * temporary one.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choice, float } from "../../src/core/param.js";
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
}: {
  scheme?: "light" | "dark";
  width?: number;
} = {}): Promise<OpenPage> {
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

/** What `draw-page.js` offers. */
interface Harness {
  readonly drawings: Record<
    string,
    { readonly renderer: string; destroy(): void; update(curves: object): void }
  >;
  readonly picked: unknown[];
  readonly brushed: readonly number[] | undefined;
  figure(name: string, figure: Figure, options?: object): Promise<void>;
  curves(name: string, columns: object, options: object): Promise<void>;
  madeUp(trials: number, points: number): { readonly values: Float32Array };
  asTable(figure: Figure): { readonly rows: readonly unknown[] };
  frame(): Promise<void>;
  painted(name: string): Promise<number>;
  overlaps(name: string): string[];
  exported(name: string): { root: string; isWhole: boolean; shapes: number; texts: string[]; images: number };
  png(name: string): Promise<{ type: string; width: number; height: number }>;
  loseContext(name: string): void;
  restoreContext(): void;
}

declare global {
  // oxlint-disable-next-line no-var
  var harness: Harness;
}

/** Draws figures under their names. */
const draw = (page: Page, figures: Readonly<Record<string, Figure>>, options: object = {}): Promise<void> =>
  page.evaluate(
    async ({ figures, options }) => {
      for (const [name, figure] of Object.entries(figures))
        await globalThis.harness.figure(name, figure, options);
    },
    { figures, options },
  );

const sectionOf = (page: Page, name: string) =>
  page.locator("section", { has: page.getByRole("heading", { name, exact: true }) });

/** Waits for the next picture. */
const frame = (page: Page): Promise<void> => page.evaluate(() => globalThis.harness.frame());

const painted = (page: Page, name: string): Promise<number> =>
  page.evaluate((name) => globalThis.harness.painted(name), name);

const handMade = () =>
  inputOf(
    handMadeStudy([
      { loss: [4, 3, 2, 1.5], params: { lr: 0.1 } },
      { loss: [4, 3.5, 3], state: "stopped", params: { lr: 0.01 } },
    ]),
  );

const figureOf = (name: string, input: PlotInput): Figure =>
  plots[name]?.render(input) ?? { data: [], layout: {} };

describe("the page's renderer", () => {
  it.each([
    ["light", {}],
    ["dark", { scheme: "dark" }],
    ["phone", { width: 390 }],
  ] as const)("draws every plot, %s", async (name, opening) => {
    const { page, close } = await open(opening);
    const figures = allFigures();
    expect(Object.keys(figures)).toHaveLength(Object.keys(plots).length - 1);
    await draw(page, figures);
    const found = await page.evaluate(
      (names) =>
        Promise.all(
          names.map(async (name) => ({
            name,
            isPainted: (await globalThis.harness.painted(name)) > 100,
            overlaps: globalThis.harness.overlaps(name),
            exported: globalThis.harness.exported(name),
          })),
        ),
      Object.keys(figures),
    );
    for (const { name: plot, isPainted, overlaps, exported } of found) {
      expect([plot, isPainted, overlaps]).toEqual([plot, true, []]);
      expect([plot, exported.root, exported.isWhole]).toEqual([plot, "svg", true]);
      expect(exported.shapes).toBeGreaterThan(3);
      expect(exported.texts.length).toBeGreaterThan(3);
    }
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    await close(name);
  });

  it("shows a point's text beside the pointer and to those who walk by keys", async () => {
    const { page, close } = await open();
    await draw(page, { curves: figureOf("learning-curves", handMade()) });
    const section = sectionOf(page, "curves");
    const tooltip = section.locator(".draw-tooltip");
    expect(await tooltip.isVisible()).toBe(false);
    await section.locator(".draw-plot").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    // The stopped trial is drawn first.
    expect(await tooltip.innerText()).toBe("trial 1 (stopped)\nlr = 0.01\nstep 2: 3.5");
    expect(await section.locator("[aria-live]").textContent()).toBe(
      "trial 1 (stopped); lr = 0.01; step 2: 3.5",
    );
    await page.evaluate(
      (figure) => globalThis.harness.drawings["curves"]?.update(figure),
      figureOf("learning-curves", handMade()),
    );
    expect(await tooltip.innerText()).toBe("trial 1 (stopped)\nlr = 0.01\nstep 2: 3.5");
    const ring = await section.locator(".draw-ring").boundingBox();
    if (ring === null) throw new Error("the point is not marked");
    await page.mouse.move(5, 5);
    await page.keyboard.press("Escape");
    expect(await tooltip.isVisible()).toBe(false);
    await page.mouse.move(ring.x + ring.width / 2 + 5, ring.y + ring.height / 2 + 5);
    expect(await tooltip.innerText()).toBe("trial 1 (stopped)\nlr = 0.01\nstep 2: 3.5");
    await page.mouse.down();
    await page.mouse.up();
    expect(await page.evaluate(() => globalThis.harness.picked)).toMatchObject([{ trace: 0, point: 1 }]);
    await close("hover");
  });

  it("keeps tooltips within the window", async () => {
    const { page, close } = await open({ width: 390 });
    await draw(page, { best: figureOf("best-so-far", inputOf(generateStudy({ trials: 60 }))) });
    const section = sectionOf(page, "best");
    await section.locator(".draw-plot").focus();
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press(step % 3 === 2 ? "ArrowDown" : "ArrowRight");
      const box = await section.locator(".draw-tooltip").boundingBox();
      if (box === null) throw new Error("there is no tooltip");
      expect(
        Math.min(box.x, box.y, 390 - box.x - box.width, 900 - box.y - box.height),
      ).toBeGreaterThanOrEqual(0);
    }
    await close();
  });

  it("shows markup in names as text", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    const made = generateStudy({
      trials: 40,
      name: evil,
      space: { [evil]: float(0.01, 1), [`b${evil}`]: choice([evil, "&lt;b&gt;"]) },
    });
    const { page, close } = await open();
    const names = ["learning-curves", "edf", "parallel-coordinates", "importance", "slice", "contour"];
    await draw(page, Object.fromEntries(names.map((name) => [name, figureOf(name, inputOf(made))])));
    for (const name of names) {
      await sectionOf(page, name).locator(".draw-plot").focus();
      await page.keyboard.press("ArrowRight");
      const texts = await sectionOf(page, name)
        .locator("text, .draw-tooltip, .draw-legend")
        .allTextContents();
      expect([name, texts.some((text) => text.includes("<img src=x"))]).toEqual([name, true]);
      const exported = await page.evaluate((name) => globalThis.harness.exported(name), name);
      expect([exported.root, exported.images]).toEqual(["svg", 0]);
    }
    expect(await page.locator("main img, main script").count()).toBe(0);
    await close("markup");
  });

  it("hides and singles out traces in the legend", async () => {
    const { page, close } = await open();
    await draw(page, { curves: figureOf("learning-curves", inputOf(generateStudy({ trials: 60 }))) });
    const buttons = sectionOf(page, "curves").locator(".draw-legend button");
    const pressed = () =>
      buttons.evaluateAll((list) => list.map((button) => button.getAttribute("aria-pressed")));
    const all = await pressed();
    expect(all.length).toBeGreaterThan(2);
    const whole = await painted(page, "curves");
    await buttons.first().press("Enter");
    expect(await pressed()).toEqual(all.with(0, "false"));
    await frame(page);
    expect(await painted(page, "curves")).not.toBe(whole);
    await buttons.nth(1).dblclick();
    expect(await pressed()).toEqual(all.map((_, index) => String(index === 1)));
    await buttons.nth(1).dblclick();
    expect(await pressed()).toEqual(all);
    await frame(page);
    expect(await painted(page, "curves")).toBe(whole);
    await close();
  });

  it("zooms by a box, the wheel and keys, moves, shows all again, and toggles an axis", async () => {
    const { page, close } = await open();
    await draw(page, { curves: figureOf("learning-curves", handMade()) });
    const section = sectionOf(page, "curves");
    const plot = section.locator(".draw-plot");
    const labels = async (): Promise<string> => {
      await frame(page);
      const texts = section.locator("svg.draw-layer").first().locator("text");
      return (
        await texts.evaluateAll((list) =>
          list.map((text) => `${text.textContent} at ${text.getAttribute("y")}`),
        )
      ).join();
    };
    const box = await plot.boundingBox();
    if (box === null) throw new Error("there is no plot");
    const home = await labels();
    await page.mouse.move(box.x + 300, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + 600, box.y + 200, { steps: 3 });
    await page.mouse.up();
    const zoomed = await labels();
    expect(zoomed).not.toBe(home);
    await page.keyboard.down("Shift");
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 150, { steps: 3 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    expect(await labels()).not.toBe(zoomed);
    await plot.dblclick();
    expect(await labels()).toBe(home);
    for (const [there, back] of [
      ["+", "0"],
      ["Shift+ArrowRight", "0"],
    ] as const) {
      await page.keyboard.press(there);
      expect(await labels()).not.toBe(home);
      await page.keyboard.press(back);
      expect(await labels()).toBe(home);
    }
    await page.mouse.wheel(0, -400);
    expect(await labels()).not.toBe(home);
    await page.keyboard.press("0");
    const toggle = section.getByRole("button", { name: "log axis: loss" });
    await toggle.click();
    expect(await toggle.getAttribute("aria-pressed")).toBe("true");
    expect(await labels()).not.toBe(home);
    await toggle.click();
    expect(await labels()).toBe(home);
    await close();
  });

  it("brushes axes of parallel coordinates by mouse and keyboard", async () => {
    const { page, close } = await open();
    const made = generateStudy({ trials: 50, failShare: 0, divergeShare: 0 });
    await draw(page, { parallel: figureOf("parallel-coordinates", inputOf(made)) });
    const brushed = (): Promise<readonly number[] | undefined> =>
      page.evaluate(() => globalThis.harness.brushed);
    const axis = sectionOf(page, "parallel").locator(".draw-axis-handle").first();
    await axis.focus();
    await page.keyboard.press("ArrowDown");
    // The lower half of a logarithmic axis from 0.0001 to 1.
    const expected = made.study.trials.flatMap(({ number, params }) =>
      Number(params["lr"]) <= 0.01 ? [number] : [],
    );
    expect(await brushed()).toEqual(expected);
    expect(await axis.getAttribute("aria-label")).toContain("lr: 0.0001 to 0.01.");
    await page.keyboard.press("Escape");
    expect(await brushed()).toBeUndefined();
    const box = await axis.boundingBox();
    if (box === null) throw new Error("there is no axis");
    await page.mouse.move(box.x + box.width / 2, box.y + 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 3 });
    await page.mouse.up();
    const upper = made.study.trials.flatMap(({ number, params }) =>
      Number(params["lr"]) >= 0.01 ? [number] : [],
    );
    expect(await brushed()).toEqual(upper);
    await close("brushed");
  });

  it("exports a picture of twice the size", async () => {
    const { page, close } = await open();
    await draw(page, { slice: figureOf("slice", inputOf(generateStudy({ trials: 40 }))) });
    const { type, width, height } = await page.evaluate(() => globalThis.harness.png("slice"));
    const box = await sectionOf(page, "slice").locator(".draw-plot").boundingBox();
    expect([type, width]).toEqual(["image/png", 2 * (box?.width ?? 0)]);
    expect(height).toBeGreaterThan(2 * (box?.height ?? 0));
    await close();
  });
});

const STATES = [
  { label: "stopped", colour: "#bb7600" },
  { label: "complete", colour: "#1f6fe5" },
];

/** Draws made-up curves under the name "many". */
const drawMany = (page: Page, trials: number, options: object = {}): Promise<void> =>
  page.evaluate(
    ({ trials, options }) =>
      globalThis.harness.curves("many", globalThis.harness.madeUp(trials, 100), options),
    { trials, options: { metric: "loss", direction: "minimize", states: STATES, best: 3, ...options } },
  );

const rendererOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => globalThis.harness.drawings["many"]?.renderer);

describe("learning curves on the page", () => {
  it("are drawn, moved and pointed at, 10,000 of 100 points", async () => {
    const { page, close } = await open();
    await drawMany(page, 10_000);
    // Chromium has no graphics card here.
    expect(await rendererOf(page)).toBe("density");
    expect(await painted(page, "many")).toBeGreaterThan(50_000);
    const section = sectionOf(page, "many");
    expect(await section.locator(".draw-legend").textContent()).toBe("stopped (7500)complete (2500)");
    await section.locator(".draw-plot").focus();
    for (let step = 0; step < 5; step++) await page.keyboard.press("Shift+ArrowRight");
    await frame(page);
    expect(await section.locator("svg.draw-layer").first().locator("text").allTextContents()).not.toContain(
      "0",
    );
    await page.keyboard.press("0");
    await page.keyboard.press("ArrowRight");
    expect(await section.locator(".draw-tooltip").innerText()).toMatch(
      /^trial 3 \(complete\)\nstep 100: 0\.\d+$/,
    );
    await close("many");
  });

  it.each(["canvas", "density", "webgl"] as const)(
    "grow in place and are selected by a box, %s",
    async (renderer) => {
      const { page, close } = await open({ scheme: "dark" });
      await drawMany(page, 600, { renderer, drag: "select" });
      expect(await rendererOf(page)).toBe(renderer);
      const before = await painted(page, "many");
      expect(before).toBeGreaterThan(20_000);
      await page.evaluate(async () => {
        const { madeUp, drawings, frame } = globalThis.harness;
        drawings["many"]?.update(madeUp(700, 100));
        await frame();
      });
      const section = sectionOf(page, "many");
      expect(await section.locator(".draw-legend").textContent()).toBe("stopped (525)complete (175)");
      const box = await section.locator(".draw-plot").boundingBox();
      if (box === null) throw new Error("there is no plot");
      // Only complete trials, every fourth, reach so far to the right.
      await page.mouse.move(box.x + box.width * 0.8, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.9, box.y + box.height - 60, { steps: 3 });
      await page.mouse.up();
      await frame(page);
      const brushed = await page.evaluate(() => globalThis.harness.brushed);
      expect(brushed).toEqual(Array.from({ length: 175 }, (_, index) => 4 * index + 3));
      await page.screenshot({ path: join(pictures, `selected-${renderer}.png`) });
      await section.locator(".draw-plot").press("Escape");
      expect(await page.evaluate(() => globalThis.harness.brushed)).toBeUndefined();
      expect((await page.evaluate(() => globalThis.harness.exported("many"))).shapes).toBeGreaterThan(700);
      await close(`grown-${renderer}`);
    },
  );

  it("are drawn without WebGL while its context is lost, and with it again", async () => {
    const { page, close } = await open();
    await drawMany(page, 600, { renderer: "webgl", smoothing: 0.8 });
    await page.evaluate(() => globalThis.harness.loseContext("many"));
    await expect.poll(() => rendererOf(page)).toBe("canvas");
    await frame(page);
    expect(await painted(page, "many")).toBeGreaterThan(10_000);
    await page.evaluate(() => globalThis.harness.restoreContext());
    await expect.poll(() => rendererOf(page)).toBe("webgl");
    await page.screenshot({ path: join(pictures, "restored.png") });
    await close();
  });
});
