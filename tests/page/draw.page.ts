/**
 * Draws every plot with the page's own renderer in a real Chromium (CHROMIUM_PATH, or /usr/bin/chromium), under a strict
 * content security policy. `npm run test:page` makes the bundle. Pictures are left in a folder of the system's
 * temporary one.
 */
import { describe, expect, it } from "vitest";
import { choice, float } from "../../src/core/param.js";
import { type Figure, type PlotInput, plots } from "../../src/plots/index.js";
import { draw, frame, open, painted, sectionOf, useBrowser } from "./draw-harness.js";
import { generatePopulation } from "./generated-population.js";
import { type GeneratedStudy, generateStudy } from "./generated-study.js";
import { handMadeStudy } from "./hand-made-study.js";

useBrowser();

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
      const input = ["lineage", "param-history"].includes(plot.name) ? population : usual;
      const given = plot.takes.includes("goals") ? { ...input, goals } : input;
      return [[plot.name, plot.render(given)]];
    }),
  );
}

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
    expect(Object.keys(figures)).toHaveLength(Object.keys(plots).length);
    await draw(page, figures);
    const found = await page.evaluate(
      (names) =>
        Promise.all(
          names.map(async (name) => ({
            name,
            isPainted: (await globalThis.harness.painted(name)) > 100,
            overlaps: globalThis.harness.overlaps(name),
            cutOff: globalThis.harness.cutOff(name),
            exported: globalThis.harness.exported(name),
          })),
        ),
      Object.keys(figures),
    );
    for (const { name: plot, isPainted, overlaps, cutOff, exported } of found) {
      expect([plot, isPainted, overlaps, cutOff]).toEqual([plot, true, [], []]);
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
    await expect.poll(() => tooltip.innerText()).toBe("trial 1 (stopped)\nlr = 0.01\nstep 2: 3.5");
    await expect
      .poll(() => section.locator("[aria-live]").textContent())
      .toBe("trial 1 (stopped); lr = 0.01; step 2: 3.5");
    await page.evaluate(
      (figure) => globalThis.harness.drawings["curves"]?.update(figure),
      figureOf("learning-curves", handMade()),
    );
    await expect.poll(() => tooltip.innerText()).toBe("trial 1 (stopped)\nlr = 0.01\nstep 2: 3.5");
    const ring = await section.locator(".draw-ring").boundingBox();
    if (ring === null) throw new Error("the point is not marked");
    await page.mouse.move(5, 5);
    await page.keyboard.press("Escape");
    await expect.poll(() => tooltip.isVisible()).toBe(false);
    await page.mouse.move(ring.x + ring.width / 2 + 5, ring.y + ring.height / 2 + 5);
    await expect.poll(() => tooltip.innerText()).toBe("trial 1 (stopped)\nlr = 0.01\nstep 2: 3.5");
    await page.mouse.down();
    await page.mouse.up();
    await expect
      .poll(() => page.evaluate(() => globalThis.harness.picked))
      .toMatchObject([{ trace: 0, point: 1 }]);
    await close("hover");
  });

  it("keeps tooltips within the window", async () => {
    const { page, close } = await open({ width: 390 });
    await draw(page, { best: figureOf("best-so-far", inputOf(generateStudy({ trials: 60 }))) });
    const section = sectionOf(page, "best");
    await section.locator(".draw-plot").focus();
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press(step % 3 === 2 ? "ArrowDown" : "ArrowRight");
      await frame(page);
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
      const texts = sectionOf(page, name).locator("text, .draw-tooltip, .draw-legend");
      await expect
        .poll(async () => (await texts.allTextContents()).some((text) => text.includes("<img src=x")))
        .toBe(true);
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
    await expect.poll(pressed).toEqual(all.with(0, "false"));
    await expect.poll(() => painted(page, "curves")).not.toBe(whole);
    await buttons.nth(1).dblclick();
    await expect.poll(pressed).toEqual(all.map((_, index) => String(index === 1)));
    await buttons.nth(1).dblclick();
    await expect.poll(pressed).toEqual(all);
    await expect.poll(() => painted(page, "curves")).toBe(whole);
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
    await expect.poll(labels).not.toBe(home);
    const zoomed = await labels();
    await page.keyboard.down("Shift");
    await page.mouse.down();
    await page.mouse.move(box.x + 400, box.y + 150, { steps: 3 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await expect.poll(labels).not.toBe(zoomed);
    await plot.dblclick();
    await expect.poll(labels).toBe(home);
    for (const [there, back] of [
      ["+", "0"],
      ["Shift+ArrowRight", "0"],
    ] as const) {
      await page.keyboard.press(there);
      await expect.poll(labels).not.toBe(home);
      await page.keyboard.press(back);
      await expect.poll(labels).toBe(home);
    }
    await page.mouse.wheel(0, -400);
    await expect.poll(labels).not.toBe(home);
    await page.keyboard.press("0");
    const toggle = section.getByRole("button", { name: "log axis: loss" });
    await toggle.click();
    await expect.poll(() => toggle.getAttribute("aria-pressed")).toBe("true");
    await expect.poll(labels).not.toBe(home);
    await toggle.click();
    await expect.poll(labels).toBe(home);
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
    await expect.poll(brushed).toEqual(expected);
    await expect.poll(() => axis.getAttribute("aria-label")).toContain("lr: 0.0001 to 0.01.");
    await page.keyboard.press("Escape");
    await expect.poll(brushed).toBeUndefined();
    const box = await axis.boundingBox();
    if (box === null) throw new Error("there is no axis");
    await page.mouse.move(box.x + box.width / 2, box.y + 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 3 });
    await page.mouse.up();
    const upper = made.study.trials.flatMap(({ number, params }) =>
      Number(params["lr"]) >= 0.01 ? [number] : [],
    );
    await expect.poll(brushed).toEqual(upper);
    await close("brushed");
  });

  it("turns a grid in space by mouse and keyboard, and shows a point's text", async () => {
    const { page, close } = await open();
    const made = generateStudy({ trials: 64, failShare: 0, divergeShare: 0 });
    await draw(page, { grid: figureOf("grid-3d", inputOf(made)) });
    const section = sectionOf(page, "grid");
    const plot = section.locator(".draw-plot");
    const titles = section.locator("svg text", { hasText: /^(lr|width|depth)$/ });
    const places = async (): Promise<string> =>
      JSON.stringify(
        await titles.evaluateAll((texts) =>
          texts.map((text) => [text.textContent, text.getAttribute("x"), text.getAttribute("y")]),
        ),
      );
    await expect.poll(() => titles.count()).toBe(3);
    const home = await places();
    const box = await plot.boundingBox();
    if (box === null) throw new Error("there is no plot");
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 120, box.y + box.height / 2 + 20, { steps: 3 });
    await page.mouse.up();
    await expect.poll(places).not.toBe(home);
    await plot.press("0");
    await expect.poll(places).toBe(home);
    await plot.press("Shift+ArrowLeft");
    await expect.poll(places).not.toBe(home);
    await plot.press("ArrowRight");
    await expect.poll(() => section.locator(".draw-tooltip").innerText()).toMatch(/^trial \d+ /);
    await close("turned");
  });

  it("fills bands, each by itself, on the canvas and in the exported picture", async () => {
    const { page, close } = await open();
    const corners = (from: number): number[] => [from, from + 1, from + 1, from];
    const bands: Figure = {
      data: [
        {
          type: "scatter",
          name: "bands",
          mode: "lines",
          x: [...corners(0.5), null, ...corners(2.5)],
          y: [0.5, 0.5, 1.5, 1.5, null, 2.5, 2.5, 3.5, 3.5],
          line: { color: "#0000ff", width: 0 },
          fill: "toself",
          fillcolor: "#ff0000",
          opacity: 0.5,
        },
      ],
      layout: {
        xaxis: { title: { text: "x" }, range: [0, 4] },
        yaxis: { title: { text: "y" }, range: [0, 4] },
      },
    };
    await draw(page, { bands });
    const red = await page.evaluate(() => globalThis.harness.filled("bands", [255, 0, 0, 128]));
    // Two squares at opposite corners of three by three.
    expect(red.count / red.around).toBeCloseTo(2 / 9, 2);
    const path = await page.evaluate(
      () => /<path [^>]*fill="#ff0000"[^>]*>/.exec(globalThis.harness.drawings["bands"]?.toSvg() ?? "")?.[0],
    );
    expect(path).toContain('fill-opacity="0.5"');
    expect(path).toContain('stroke="none"');
    expect(path?.match(/M/g)).toHaveLength(2);
    await close();
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
