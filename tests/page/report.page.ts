/**
 * Opens reports in a real Chromium, without a network. The browser is CHROMIUM_PATH or /usr/bin/chromium.
 * Pictures of every report are left in the folder that the last test names.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choice } from "../../src/core/param.js";
import { renderReport } from "../../src/report/index.js";
import { generatePopulation } from "./generated-population.js";
import { type GeneratedStudy, generateStudy, reported } from "./generated-study.js";
import { handMadeStudy } from "./hand-made-study.js";

const generatedAt = Date.UTC(2025, 2, 3, 10);
const pictures = join(tmpdir(), "curvewise-report-pictures");
let folder = "";
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-report-"));
  mkdirSync(pictures, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opening {
  readonly scheme?: "light" | "dark";
  readonly width?: number;
}

/** An open report, with everything that the page complained about or asked for. */
interface OpenReport {
  readonly page: Page;
  readonly problems: string[];
  close(name: string): Promise<void>;
}

async function open(
  made: GeneratedStudy,
  opening: Opening = {},
  comparison: readonly GeneratedStudy[] = [],
): Promise<OpenReport> {
  const { scheme = "light", width = 1280 } = opening;
  const file = join(folder, "report.html");
  writeFileSync(file, renderReport({ ...reported(made), comparison: comparison.map(reported), generatedAt }));
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: 900 },
    offline: true,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    // What the browser has to say of how the plotting library draws in space.
    const driver =
      message.type() === "warning" && /GL Driver Message|willReadFrequently/.test(message.text());
    if (!driver && ["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) problems.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("html[data-drawn=true]", { timeout: 100_000 });
  const close = async (name: string): Promise<void> => {
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    await context.close();
    expect(problems).toEqual([]);
  };
  return { page, problems, close };
}

/** How many separate lines each trace of a figure has, in the order of drawing. */
async function linesDrawn(page: Page, id: string): Promise<number[]> {
  const traces = await page.locator(`#${id} .scatterlayer .trace`).all();
  const lines = await Promise.all(traces.map((trace) => trace.locator("path.js-line").count()));
  return lines.filter((count) => count > 0);
}

const columnOf = (page: Page, column: number): Promise<string[]> =>
  page.locator(`.trials > tbody > tr:not(.detail-row) > :nth-child(${column})`).allTextContents();

const sameOrder = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

describe("a report in Chromium", () => {
  it("draws a line a trial, by fate, and the best one again", async () => {
    const made = generateStudy({ trials: 80, failShare: 0, divergeShare: 0 });
    const { page, close } = await open(made);
    const { stopped, complete } = made.study.byState;
    expect(await linesDrawn(page, "study-0-learning-curves")).toEqual([stopped.size, complete.size, 1]);
    expect(await page.locator("[data-plot=parallel-coordinates] .parcoords .y-axis").count()).toBe(8);
    expect(await page.getByText("WebGL is not supported").count()).toBe(0);
    await close("light");
  });

  it.each([
    ["dark", { scheme: "dark" }],
    ["phone", { width: 390 }],
    ["phone-dark", { width: 390, scheme: "dark" }],
  ] as const)("fits %s", async (name, opening) => {
    const { page, close } = await open(generateStudy({ trials: 120, unfinished: true }), opening);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(ground).toBe("scheme" in opening ? "rgb(16, 19, 23)" : "rgb(246, 247, 248)");
    await page.locator("tr[data-trial]:has(.fate.stopped) .expand").first().click();
    await close(name);
  });

  it("sorts by number, best first, and diverged values last in both directions", async () => {
    const { page, close } = await open(generateStudy({ trials: 45, goal: "accuracy", divergeShare: 0.1 }));
    const heading = page.locator(".trials thead th", { hasText: "accuracy" });
    for (const order of ["descending", "ascending"]) {
      await heading.getByRole("button").click();
      expect(await heading.getAttribute("aria-sort")).toBe(order);
      const texts = await columnOf(page, 3);
      const numbers = texts.filter((text) => text !== "NaN" && text !== "–").map(Number);
      expect(texts.slice(numbers.length).filter((text) => text === "NaN").length).toBeGreaterThan(0);
      expect(order === "ascending" ? numbers : numbers.toReversed()).toEqual(sameOrder(numbers));
    }
    await close("sorted");
  });

  it("filters by fate, by condition and by words", async () => {
    const made = generateStudy({ trials: 120 });
    const { page, close } = await open(made);
    const count = page.locator(".pages .count");
    expect(await count.textContent()).toBe("1–50 of 120");
    await page.locator(".fates input[value=complete]").uncheck();
    await page.locator(".fates input[value=failed]").uncheck();
    const stopped = made.study.byState.stopped.size;
    expect(await count.textContent()).toBe(`1–50 of ${stopped}, 120 in all`);
    await page.getByRole("searchbox").fill("depth>=3 optimizer=adam");
    const expected = made.study.trials.filter(
      ({ state, params }) =>
        state === "stopped" && Number(params["depth"]) >= 3 && params["optimizer"] === "adam",
    );
    expect(expected.length).toBeGreaterThan(3);
    expect((await columnOf(page, 1)).map(Number)).toEqual(expected.map(({ number }) => number));
    await page.getByRole("searchbox").fill("there is no such word");
    expect(await page.locator("td.none").textContent()).toBe("No trial matches.");
    await page.getByRole("searchbox").fill("");
    await page.getByRole("button", { name: "Next" }).click();
    expect(await count.textContent()).toBe(`51–${stopped} of ${stopped}, 120 in all`);
    await close("filtered");
  });

  it("expands a row to the decision's sentence, numbers and neighbours, and folds it again", async () => {
    const made = generateStudy({ trials: 40 });
    const [number = 0] = made.study.byState.stopped;
    const { page, close } = await open(made);
    const button = page.getByRole("button", { name: `Details of trial ${number}`, exact: true });
    await button.click();
    expect(await button.getAttribute("aria-expanded")).toBe("true");
    const decided = made.events.findLast((event) => event.type === "decided" && event.trial === number);
    const explanation = decided?.type === "decided" ? decided.explanation : undefined;
    expect(await page.locator(".decision .reason").textContent()).toBe(explanation?.reason);
    expect(await page.locator(".neighbours tbody tr").count()).toBe(explanation?.neighbours?.length);
    expect(await page.locator(".decision .facts dt").allTextContents()).toEqual(
      Object.keys(explanation?.values ?? {}),
    );
    await close("expanded");
    const again = await open(made);
    const toggle = again.page.getByRole("button", { name: `Details of trial ${number}`, exact: true });
    await toggle.click();
    await toggle.click();
    expect(await again.page.locator(".detail-row").count()).toBe(0);
    await again.close("folded");
  });

  it.each([
    ["curves", {}],
    ["curves-dark", { scheme: "dark" }],
    ["curves-phone", { width: 390 }],
  ] as const)("draws the curves of a decision once its row is expanded: %s", async (name, opening) => {
    const made = generateStudy({ trials: 60, failShare: 0 });
    const decided = made.events.findLast((event) => event.type === "decided" && event.action === "stop");
    if (decided?.type !== "decided") throw new Error("nothing was stopped");
    const { trial, step, explanation } = decided;
    const { page, close } = await open(made, opening);
    expect(await page.locator(".decision .canvas").count()).toBe(0);
    await page.getByRole("searchbox").fill("stopped");
    await page.locator(".trials thead button", { hasText: "trial" }).click();
    const button = page.getByRole("button", { name: `Details of trial ${trial}`, exact: true });
    await button.click();
    const canvas = page.locator(`.decision .canvas[data-drawn=true]`);
    await canvas.waitFor();
    expect(await canvas.getAttribute("aria-label")).toBe(
      `Curves at the decision about trial ${trial}: stop at step ${step}`,
    );
    const names = explanation.neighbours?.slice(0, 5).map((neighbour) => `trial ${neighbour.trial} ended at`);
    const legend = await canvas.locator(".legendtext").allTextContents();
    expect(legend).toHaveLength((names?.length ?? 0) + 2);
    for (const [index, start] of (names ?? []).entries()) expect(legend[index]).toContain(start);
    expect(legend.slice(-2)).toEqual([
      `stop at step ${step}`,
      expect.stringContaining(`trial ${trial}, stopped`),
    ]);
    const paths = await canvas.locator(".scatterlayer path.js-line").evaluateAll((lines) =>
      lines.map(
        (line) =>
          line
            .getAttribute("d")
            ?.match(/-?[\d.]+(?=,)/g)
            ?.map(Number) ?? [],
      ),
    );
    expect(paths).toHaveLength(legend.length);
    // The trial was stopped there, so its curve ends on the broken line, and its neighbours' go on.
    const [atStep = [], own = []] = paths.slice(-2);
    expect(own.at(-1)).toBeCloseTo(atStep[0] ?? Number.NaN, 1);
    for (const line of paths.slice(0, -2)) expect(line.at(-1)).toBeGreaterThan(own.at(-1) ?? Number.NaN);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    const width = page.viewportSize()?.width ?? 0;
    for (const part of await page.locator(".decision > *").all()) {
      const right = await part.evaluate((element) => element.getBoundingClientRect().right);
      expect(right).toBeLessThan(width);
    }
    const box = await canvas.locator(".nsewdrag").first().boundingBox();
    expect(box?.height).toBeGreaterThan(100);
    await canvas.scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(pictures, `${name}-view.png`) });
    await close(name);
  });

  it("keeps a decision's curves when the table changes, and follows the light", async () => {
    const made = generateStudy({ trials: 40 });
    const [number = 0] = made.study.byState.stopped;
    const { page, close } = await open(made);
    await page.getByRole("button", { name: `Details of trial ${number}`, exact: true }).click();
    const canvas = page.locator(".decision .canvas[data-drawn=true]");
    await canvas.waitFor();
    await page.locator(".trials thead button", { hasText: "loss" }).click();
    await canvas.waitFor();
    expect(await page.locator(".decision .canvas").count()).toBe(1);
    await page.emulateMedia({ colorScheme: "dark" });
    const ink = () =>
      page.evaluate("getComputedStyle(document.querySelector('.decision .canvas .xtick text')).fill");
    await expect.poll(ink).toBe("rgb(179, 186, 195)");
    await page.getByRole("button", { name: `Details of trial ${number}`, exact: true }).click();
    expect(await page.locator(".decision .canvas").count()).toBe(0);
    await close("curves-kept");
  });

  it("changes the metric", async () => {
    const made = generateStudy({ trials: 12, goal: "accuracy", failShare: 0, divergeShare: 0 });
    const { page, close } = await open(made);
    const title = page.locator("[data-plot=learning-curves] .ytitle");
    expect(await title.textContent()).toBe("accuracy");
    await page.getByLabel("Metric").selectOption({ label: "loss" });
    await expect.poll(() => title.textContent()).toBe("loss");
    await close("metric");
  });

  it("changes the param of the slice, and the pair of params", async () => {
    const { page, close } = await open(generateStudy({ trials: 40 }));
    const title = (plot: string): Promise<string | null> =>
      page.locator(`[data-plot=${plot}] .xtitle`).textContent();
    await page.getByLabel("Slice").selectOption({ label: "batch" });
    await expect.poll(() => title("slice")).toBe("batch");
    const names = await page.getByLabel("Pair").locator("option").allTextContents();
    expect(names).toHaveLength(6);
    await page.getByLabel("Pair").selectOption({ index: 5 });
    await expect.poll(() => title("contour")).toBe(names[5]?.split(" and ")[0]);
    await close("params");
  });

  it("draws a grid in space, by the metric that is chosen", async () => {
    const made = generateStudy({ trials: 64, goal: "accuracy", failShare: 0, divergeShare: 0 });
    const sampler = { name: "grid", options: {} };
    const study = { ...made.study, definition: { ...made.study.definition, sampler } };
    const { page, close } = await open({ ...made, study });
    const drawn = (): Promise<unknown> =>
      page.evaluate(`(() => {
        const { data, layout } = document.getElementById("study-0-grid-3d");
        const [{ type, x, y, z, marker }] = data;
        const axes = ["xaxis", "yaxis", "zaxis"].map((axis) => layout.scene[axis].title.text);
        return [type, x.length, y.length, z.length, marker.colorbar.title.text, ...axes];
      })()`);
    const points = ["scatter3d", 64, 64, 64];
    expect(await drawn()).toEqual([...points, "accuracy", "lr", "width", "depth"]);
    expect(await page.locator("[data-plot=grid-3d] canvas").count()).toBeGreaterThan(0);
    await page.getByLabel("Metric").selectOption({ label: "loss" });
    await expect.poll(drawn).toEqual([...points, "loss", "lr", "width", "depth"]);
    await close("grid");
  });

  it("draws a population, and the history of the param that is chosen", async () => {
    const made = generatePopulation();
    const { page, close } = await open(made);
    const title = page.locator("[data-plot=param-history] .ytitle");
    expect(await title.textContent()).toBe("lr");
    const lanes = page.locator("[data-plot=lineage] .ytick text");
    expect(await lanes.allTextContents()).toEqual(made.study.trials.map(({ number }) => String(number)));
    const histories = await linesDrawn(page, "study-0-param-history");
    expect(histories.length).toBeGreaterThan(2);
    expect(histories.at(-1)).toBe(1);
    await page.getByLabel("Param").selectOption({ label: "<b>kind" });
    await expect.poll(() => title.textContent()).toBe("<b>kind");
    const names = page.locator("[data-plot=param-history] .ytick text");
    expect(await names.allTextContents()).toEqual(["<i>", "plain"]);
    await page.getByText(/exploits, the newest first/).click();
    await close("population");
  });

  it("shows hostile text as text", async () => {
    const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`;
    const made = generateStudy({
      name: hostile,
      trials: 14,
      failShare: 0.4,
      failure: hostile,
      output: [hostile],
      space: { [hostile]: choice([hostile, "b"]) },
    });
    const { page, close } = await open(made);
    expect(await page.locator("h1").textContent()).toBe(hostile);
    expect(await page.locator(".trials thead th button").last().textContent()).toBe(hostile);
    await page.locator("tr[data-trial]:has(.fate.failed) .expand").first().click();
    expect(await page.locator(".failure pre").textContent()).toBe(hostile);
    expect(await page.locator("img[src=x]").count()).toBe(0);
    const parallel = page.locator("[data-plot=parallel-coordinates]");
    expect(await parallel.locator(".axis-title").first().textContent()).toBe(`${hostile.slice(0, 17)}…`);
    expect(await parallel.locator(".axis .tick text").allTextContents()).toContain(
      `${hostile.slice(0, 13)}…`,
    );
    const star = page.locator("[data-plot=learning-curves] .scatterlayer .trace:last-child .point");
    await star.hover({ force: true });
    const hover = page.locator("[data-plot=learning-curves] .hovertext");
    await expect
      .poll(() => hover.allTextContents())
      .toEqual([expect.stringContaining(`${hostile.slice(0, 59)}… = `)]);
    await close("hostile");
  });

  it.each([
    ["no-trials", { trials: 0 }, 3],
    ["only-failed", { trials: 4, failShare: 1, seed: 2 }, 0],
    ["only-diverged", { trials: 4, failShare: 0, divergeShare: 1, stopping: false }, 1],
    ["one-trial", { trials: 1, failShare: 0, divergeShare: 0 }, 0],
  ] as const)("opens for %s", async (name, options, empty) => {
    const { page, close } = await open(generateStudy(options));
    expect(await page.locator(".canvas.empty").count()).toBe(empty);
    await close(name);
  });

  it("lays two studies side by side, and draws each only when it is opened", async () => {
    const random = generateStudy({ name: "random search", stopping: false, totalSteps: 1500, seed: 5 });
    const lcm = generateStudy({ name: "lcm", totalSteps: 1500, trials: 1000, seed: 5 });
    const { page, close } = await open(random, {}, [lcm]);
    expect(await linesDrawn(page, "comparison-best-so-far")).toEqual([1, 1, 1, 1]);
    expect(await page.locator("#study-0-learning-curves .main-svg").count()).toBe(0);
    await page.locator("details.study summary").first().click();
    await page.waitForSelector("#study-0-parallel-coordinates[data-drawn=true]");
    expect(await linesDrawn(page, "study-0-learning-curves")).toEqual(
      [random.study.byState.failed.size, random.study.byState.complete.size, 1].filter((lines) => lines > 0),
    );
    await close("comparison");
  });

  it("draws 5,000 trials of 50 points", async () => {
    const { page, close } = await open(generateStudy({ trials: 5000, maxSteps: 50, stopping: false }));
    expect(await page.locator("[data-plot=learning-curves] .gl-canvas").count()).toBeGreaterThan(0);
    expect(await page.locator(".trials tbody tr").count()).toBe(50);
    await close("many");
  });

  it("prints in dark ink, also for a reader in the dark", async () => {
    const { page, close } = await open(handMadeStudy([{ loss: [3, 2] }, { loss: [4, 1] }]), {
      scheme: "dark",
    });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    const ink = () =>
      page.evaluate("getComputedStyle(document.querySelector('[data-plot=best-so-far] .xtick text')).fill");
    await expect.poll(ink).toBe("rgb(51, 51, 51)");
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    await expect.poll(ink).toBe("rgb(179, 186, 195)");
    await close("printed");
  });
});
