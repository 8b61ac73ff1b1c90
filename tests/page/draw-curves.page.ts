/** Draws learning curves with the page's own renderer in a real Chromium, as `draw.page.ts` does plots. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { frame, open, painted, pictures, sectionOf, useBrowser } from "./draw-harness.js";

useBrowser();

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
    expect(await section.locator(".draw-legend").textContent()).toBe(
      "stopped (7500)complete (2500)best: trial 3",
    );
    await section.locator(".draw-plot").focus();
    for (let step = 0; step < 5; step++) await page.keyboard.press("Shift+ArrowRight");
    await frame(page);
    await expect
      .poll(() => section.locator("svg.draw-layer").first().locator("text").allTextContents())
      .not.toContain("0");
    await page.keyboard.press("0");
    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => section.locator(".draw-tooltip").innerText())
      .toMatch(/^trial 3 \(complete\)\nstep 100: 0\.\d+$/);
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
      await expect
        .poll(() => section.locator(".draw-legend").textContent())
        .toBe("stopped (525)complete (175)best: trial 3");
      const box = await section.locator(".draw-plot").boundingBox();
      if (box === null) throw new Error("there is no plot");
      // Only complete trials, every fourth, reach so far to the right.
      await page.mouse.move(box.x + box.width * 0.8, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.9, box.y + box.height - 60, { steps: 3 });
      await page.mouse.up();
      const brushed = () => page.evaluate(() => globalThis.harness.brushed);
      await expect.poll(brushed).toEqual(Array.from({ length: 175 }, (_, index) => 4 * index + 3));
      await page.screenshot({ path: join(pictures, `selected-${renderer}.png`) });
      await section.locator(".draw-plot").press("Escape");
      await expect.poll(brushed).toBeUndefined();
      expect((await page.evaluate(() => globalThis.harness.exported("many"))).shapes).toBeGreaterThan(700);
      await close(`grown-${renderer}`);
    },
  );

  it("are drawn without WebGL while its context is lost, and with it again", async () => {
    const { page, close } = await open();
    await drawMany(page, 600, { renderer: "webgl", smoothing: 0.8 });
    await page.evaluate(() => globalThis.harness.loseContext("many"));
    await expect.poll(() => rendererOf(page)).toBe("canvas");
    await expect.poll(() => painted(page, "many")).toBeGreaterThan(10_000);
    await page.evaluate(() => globalThis.harness.restoreContext());
    await expect.poll(() => rendererOf(page)).toBe("webgl");
    await page.screenshot({ path: join(pictures, "restored.png") });
    await close();
  });
});
