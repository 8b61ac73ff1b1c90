/**
 * Opens reports in a real Chromium from a folder, without a network. The browser is CHROMIUM_PATH or /usr/bin/chromium.
 * Pictures are left in the folder that this file names.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MetricGoal } from "../../src/core/goal.js";
import { choice, float } from "../../src/core/param.js";
import { renderPlot } from "../../src/dashboard/plots-page.js";
import { contour } from "../../src/plots/index.js";
import { generatePopulation } from "./generated-population.js";
import { generateReport } from "./generated-report.js";
import { type GeneratedStudy, generateStudy } from "./generated-study.js";
import { flaws, type Opening, openPage, settled, useBrowser } from "./offline-page.js";

const HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
const pictures = join(tmpdir(), "curvewise-report-pictures");
let folder = "";
let count = 0;

useBrowser();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-report-"));
  mkdirSync(pictures, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The address of a file with this text. */
function addressOf(html: string): string {
  count += 1;
  const file = join(folder, `page-${count}.html`);
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

const reportOf = async (
  made: readonly GeneratedStudy[],
  goals: readonly MetricGoal[] = [],
): Promise<string> => addressOf((await generateReport(made, goals)).html);

const GOALS: readonly MetricGoal[] = [
  { metric: "loss", direction: "minimize" },
  { metric: "accuracy", direction: "maximize" },
];

describe("a report in Chromium", () => {
  it("opens at the study, and shows each of its views without a flaw", async () => {
    const made = generateStudy({ trials: 120, goal: "accuracy", unfinished: true });
    const [stopped = 0] = made.study.byState.stopped;
    const { page, close } = await openPage(await reportOf([made], GOALS));
    expect(await page.locator("h1").textContent()).toBe("fashion-mlp");
    expect(await page.locator(".made").textContent()).toContain("on 2025-03-03 10:00 UTC");
    const views = await page.locator(".views a").allTextContents();
    expect(views).toEqual(["Overview", "Curves", "Trials", "Rungs", "Params", "Goals", "Workers"]);
    for (const view of views) {
      await page.locator(".views a", { hasText: view }).click();
      await page.locator(".views a[aria-current=page]", { hasText: view }).waitFor();
      await settled(page);
      expect([view, await page.locator(".problem").count(), await flaws(page)]).toEqual([view, 0, []]);
      await page.screenshot({ path: join(pictures, `${view.toLowerCase()}.png`), fullPage: true });
    }
    await page.goto(`${page.url().split("#")[0]}#/studies/fashion-mlp/trials/${stopped}`);
    await page.getByRole("heading", { name: "Curves at this decision" }).waitFor();
    expect(await page.locator(".verdict").textContent()).toContain("stop at step");
    expect(await page.getByText("Compared at step").count()).toBe(1);
    await page.screenshot({ path: join(pictures, "why.png"), fullPage: true });
    await close();
  });

  it.each([
    ["dark", { scheme: "dark" }],
    ["phone", { width: 390 }],
    ["phone-dark", { width: 390, scheme: "dark" }],
  ] as const)("fits %s", async (name, opening: Opening) => {
    const studies = ["random", "lcm"].map((study, seed) => generateStudy({ name: study, trials: 40, seed }));
    const { page, close } = await openPage(await reportOf(studies), opening);
    expect(await page.locator("h1").textContent()).toBe("Comparison");
    expect(await page.locator(".compared thead th").allTextContents()).toEqual([
      expect.stringContaining("random"),
      expect.stringContaining("lcm"),
    ]);
    expect(await flaws(page)).toEqual([]);
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    await page.screenshot({ path: join(pictures, `compared-${name}.png`), fullPage: true });
    await page.locator(".compared thead a", { hasText: "lcm" }).click();
    await page.locator("h1", { hasText: "lcm" }).waitFor();
    await settled(page);
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    await page.screenshot({ path: join(pictures, `study-${name}.png`), fullPage: true });
    await close();
  });

  it("shows whatever users and programs wrote as text, in every view", async () => {
    const made = generateStudy({
      name: HOSTILE,
      trials: 40,
      failShare: 0.3,
      failure: HOSTILE,
      output: [HOSTILE],
      space: { [HOSTILE]: float(0.01, 1), [`b${HOSTILE}`]: choice([HOSTILE, "&lt;b&gt;"]) },
    });
    const { page, close } = await openPage(await reportOf([made]));
    expect(await page.locator("h1").textContent()).toBe(HOSTILE);
    for (const view of ["Trials", "Params", "Curves", "Workers", "Overview"]) {
      await page.locator(".views a", { hasText: view }).click();
      await page.locator(".views a[aria-current=page]", { hasText: view }).waitFor();
      await settled(page);
      expect([view, await page.locator("main img, main script").count()]).toEqual([view, 0]);
      expect([view, await page.locator("main").textContent()]).toEqual([
        view,
        expect.stringContaining("alert(2)"),
      ]);
    }
    await page.getByText("Last output of trial").first().click();
    await expect.poll(() => page.locator(".reasons pre").first().textContent()).toBe(HOSTILE);
    await close();
  });

  it("filters by an expression and by words, and says which expression cannot be read", async () => {
    const made = generateStudy({ trials: 120 });
    const { page, close } = await openPage(`${await reportOf([made])}#/studies/fashion-mlp/trials`);
    const shown = page.locator(".bar .count");
    const search = page.getByRole("searchbox");
    await search.fill('depth >= 3 and optimizer == "adam"');
    const deep = made.study.trials.filter(
      ({ params }) => Number(params["depth"]) >= 3 && params["optimizer"] === "adam",
    );
    await expect.poll(() => shown.textContent()).toBe(`${deep.length} of 120 trials`);
    await search.fill("adam failed");
    const lost = made.study.trials.filter(
      ({ state, params }) => state === "failed" && params["optimizer"] === "adam",
    );
    await expect.poll(() => shown.textContent()).toBe(`${lost.length} of 120 trials`);
    await search.fill("deepness < 3");
    await page.locator("#filter-error", { hasText: "deepness" }).waitFor();
    await close();
  });

  it("offers the params and pairs that it has plots of", async () => {
    const made = generateStudy({ trials: 60 });
    const { page, close } = await openPage(`${await reportOf([made])}#/studies/fashion-mlp/params`);
    const card = (plot: string) => page.locator(`.plot-card.${plot}`);
    await card("slice").locator("select").selectOption({ label: "batch" });
    await card("slice")
      .locator("svg text", { hasText: /^batch$/ })
      .first()
      .waitFor();
    const pairs = await card("contour").locator("select").locator("option").allTextContents();
    expect(pairs).toHaveLength(7);
    await card("contour").locator("select").selectOption({ index: 6 });
    for (const name of pairs[6]?.split(" and ") ?? [])
      await card("contour").locator("svg text", { hasText: name }).first().waitFor();
    await close();
  });

  it("shows a population's exploits and how its best model came about", async () => {
    const made = generatePopulation();
    const at = `#/studies/${encodeURIComponent(made.study.definition.name)}/population`;
    const { page, close } = await openPage((await reportOf([made])) + at);
    const copies = made.study.trials.reduce((sum, { inheritances }) => sum + inheritances.length, 0);
    await page.getByRole("heading", { name: `${copies} exploits` }).waitFor();
    await page
      .getByRole("heading", { name: /^How the model of trial \d+, the best, was trained$/ })
      .waitFor();
    await page.locator(".plot-card.param-history select").selectOption({ label: "<b>kind" });
    expect(await flaws(page)).toEqual([]);
    await page.screenshot({ path: join(pictures, "population.png"), fullPage: true });
    await close();
  });

  it("prints up to 500 rows, and plots in dark ink for a reader in the dark", async () => {
    const made = generateStudy({ trials: 600, maxSteps: 2, stopping: false });
    const { page, close } = await openPage(`${await reportOf([made])}#/studies/fashion-mlp/trials`, {
      scheme: "dark",
    });
    const rows = "document.querySelectorAll('.virtual tbody tr:not(.gap)').length";
    const printed = (seen: string): string => `dispatchEvent(new Event("beforeprint")); ${seen}`;
    expect(await page.evaluate(printed(rows))).toBe(500);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await page.evaluate(rows)).toBeLessThan(100);
    await page.locator(".views a", { hasText: "Overview" }).click();
    await page.locator(".plot-card svg text").first().waitFor();
    const ink = "getComputedStyle(document.querySelector('.plot-card svg.draw-layer text')).fill";
    const dark = await page.evaluate(ink);
    expect(await page.evaluate(printed(ink))).not.toBe(dark);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await page.evaluate(ink)).toBe(dark);
    await close();
  });

  it("says of how many trials it leaves the details out, and where they are", async () => {
    const made = generateStudy({ trials: 2400, maxSteps: 2, stopping: false, failShare: 0 });
    const { page, close } = await openPage(`${await reportOf([made])}#/studies/fashion-mlp/trials`);
    expect(await page.locator("main").textContent()).toContain(
      "All 2400 trials are in the table and the curves; 2000 have their details here",
    );
    await close();
  });
});

describe("a page with one plot", () => {
  it("draws it, and offers it as a table", async () => {
    const { study, events } = generateStudy({ trials: 60, name: "<b>" });
    const reports = events.filter((event) => event.type === "reported");
    const figure = contour.render({ study, reports });
    const plot = { title: contour.title, sentence: contour.summary, figure, needs: null };
    const html = await renderPlot({ name: contour.name, plot, studies: ["<b>"] });
    const { page, close } = await openPage(addressOf(html), { scheme: "dark" });
    expect(await page.locator("h1").textContent()).toBe("<b>");
    await page.locator(".canvas svg text").first().waitFor();
    expect(await flaws(page)).toEqual([]);
    await page.screenshot({ path: join(pictures, "plot.png") });
    await page.getByRole("button", { name: "Table" }).click();
    expect(await page.locator(".twin tbody tr").count()).toBeGreaterThan(50);
    await close();
  });
});
